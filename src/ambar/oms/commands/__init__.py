"""What people and programs do to packages and shipments: one command per file."""
