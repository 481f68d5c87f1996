"""Invoices of packages: given, asked of a service outside, or numbered here."""
