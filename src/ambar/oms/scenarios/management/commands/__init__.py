"""Commands of the scenarios room."""
