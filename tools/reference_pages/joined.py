"""Pages to which every system gives a part."""

from __future__ import annotations

from reference_pages import MADE
from reference_pages.wire import TITLES

PARTS = {
    "roles.md": (
        "Roles and scopes",
        "A role is a set of scopes. `*` holds everything. A token may be narrowed to fewer scopes than its user's roles give, never to more.",
    ),
    "events.md": (
        "Event types",
        "What a hook (`/api/v1/whisperer/hooks/`) can subscribe to. How events travel: [hand-over](../explanation/hand-over.md), "
        "[deliveries](../explanation/deliveries.md).",
    ),
}


def page(name: str, parts: dict[str, str]) -> str:
    """One page with a section per system."""
    title, text = PARTS[name]
    sections = [f"## {TITLES[system]}\n\n{part}" for system, part in parts.items()]
    return "\n".join([f"# {title}\n", MADE, f"{text}\n", *sections])
