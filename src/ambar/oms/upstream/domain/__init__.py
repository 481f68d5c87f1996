"""Pure rules of intake and of status reports."""
