"""The `ambar` command: thin, every import lazy, so that `ambar --help` answers at once."""
