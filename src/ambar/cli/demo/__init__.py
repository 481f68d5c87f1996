"""`ambar demo`: the whole of Ambar at work, over public APIs only."""
