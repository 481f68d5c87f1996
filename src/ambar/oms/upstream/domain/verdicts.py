"""What became of one order offered to the intake."""

from dataclasses import dataclass

CREATED = "created"
UPDATED = "updated"
UNCHANGED = "unchanged"
FILTERED = "filtered"
QUARANTINED = "quarantined"
ANOTHER_ORDER = "another_order"
"""The kind of what is set aside because it seems to be of another system's order: its cause names the field that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`position` is the order's place in the request, from 0. `order_id` is this system's id when it was taken."""

    position: int
    outcome: str
    upstream_id: int | None = None
    number: str | None = None
    order_id: int | None = None
    rule: str | None = None
    cause: str | None = None
    reason: str | None = None
