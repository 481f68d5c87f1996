"""Stock figures, reservations and the ledger behind both."""
