"""Pure rules of taking orders back."""
