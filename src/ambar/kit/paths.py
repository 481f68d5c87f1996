"""Where a system is asked what: the same in all three."""

API = "/api/"
"""Below it programs are answered, in JSON whatever happens; everything else is for people."""
HEALTH = frozenset({"/healthz", "/readyz", "/metrics"})
"""Answered whatever else is going on."""
