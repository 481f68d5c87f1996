"""Calls the doctor makes: plain asks, and test events through the real way of hooks."""
