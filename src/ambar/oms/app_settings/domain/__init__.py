"""Pure rules of application settings: which keys exist and where their secrets lie."""
