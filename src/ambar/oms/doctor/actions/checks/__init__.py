"""The checks, one per file: each looks at one thing and tells what it found. None changes anything."""
