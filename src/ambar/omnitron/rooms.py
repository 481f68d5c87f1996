"""The rooms of Omnitron, lowest first: a room may import those before it, never those after it."""

from pathlib import Path

ROOMS = (
    "channels",
    "places",
    "catalogue",
    "stores",
    "stock",
    "customers",
    "orders",
    "cancellations",
    "integration",
    "console",
)


def built() -> list[str]:
    """Dotted names of the rooms that exist as Django applications, in the order above."""
    here = Path(__file__).parent
    return [f"ambar.omnitron.{room}" for room in ROOMS if (here / room / "apps.py").exists()]
