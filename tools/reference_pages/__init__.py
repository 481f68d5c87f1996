"""The pages of `docs/reference/`, one module per kind."""

MADE = "*Made by `tools/reference.py` from the code; `make reference` writes it again.*\n"
