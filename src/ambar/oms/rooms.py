"""The rooms of the OMS, lowest first: a room may import those before it, never those after it."""

from pathlib import Path

ROOMS = (
    "app_settings",
    "omnitron_client",
    "places",
    "catalogue",
    "locations",
    "stock",
    "states",
    "orders",
    "packages",
    "transfers",
    "shipments",
    "invoices",
    "scenarios",
    "planning",
    "commands",
    "upstream",
    "handover",
    "hook_events",
    "setup",
    "doctor",
    "console",
)


def built() -> list[str]:
    """Dotted names of the rooms that exist as Django applications, in the order above."""
    here = Path(__file__).parent
    return [f"ambar.oms.{room}" for room in ROOMS if (here / room / "apps.py").exists()]
