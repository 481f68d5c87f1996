"""Application settings: a registry of keys that other rooms fill, and their values with secrets sealed."""
