"""Acts of the doctor, one per file."""
