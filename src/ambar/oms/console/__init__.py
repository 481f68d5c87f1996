"""The OMS's screens: home, orders, packages, locations, stock, quarantine, settings, doctor."""
