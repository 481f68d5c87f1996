"""What became of a command, package by package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ambar.kit.refusals import Conflict, Invalid, NotFound, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`refusal` None: done, and the package is in `state` (a PackageStatus code)."""

    package_id: int
    state: int | None = None
    refusal: Refusal | None = None


class NoReservationHere(Conflict):
    """The stock of this package is not reserved at its location."""

    code = "package_without_reservation"


class TransfersUnderWay(Conflict):
    """The package waits for goods that other locations send."""

    code = "package_waits_for_transfers"


class OtherFormerState(Conflict):
    """The package was blocked from another state."""

    code = "package_blocked_from_other_state"


def wrong_state(*, now_in: str, starts_from: str) -> Invalid:
    """The package has moved on; both states as "Name (code)"."""
    return Invalid(
        fields={"transition": [f"The package is in {now_in} now; this transition starts from {starts_from}."]}
    )


def repeated() -> Invalid:
    """The same package twice in one bulk call."""
    return Invalid(fields={"packages": ["The package is named twice in this call."]})


def unknown() -> NotFound:
    """Missing and foreign packages answer alike."""
    return NotFound("Package not found.")


def as_json(verdict: Verdict) -> dict[str, Any]:
    """One row of a bulk answer: `done` with the new state, or `refused` with `code` and messages."""
    if verdict.refusal is None:
        return {"package": verdict.package_id, "done": True, "state": str(verdict.state)}
    body: dict[str, Any] = {"package": verdict.package_id, "done": False, **verdict.refusal.as_dict()}
    if isinstance(verdict.refusal, Invalid):
        body["errors"] = verdict.refusal.fields
    return body
