"""What comes from upstream and what is told back: intake, quarantine, filters, item statuses."""
