"""What became of a command, record by record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ambar.kit.refusals import Conflict, Invalid, NotFound, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`refusal` None: done, and the record `id` is in `state` (a PackageStatus code, a TransferStatus value).

    `answer`: what the command tells of it, where it answers a body.
    """

    id: int
    state: int | str | None = None
    refusal: Refusal | None = None
    answer: Mapping[str, Any] | None = None


class NoReservationHere(Conflict):
    """The stock of this package is not reserved at its location."""

    code = "package_without_reservation"


class TransfersUnderWay(Conflict):
    """The package waits for goods that other locations send."""

    code = "package_waits_for_transfers"


class PackageBusy(Conflict):
    """Somebody else works on the other package right now."""

    code = "package_busy"


class TransitionMissing(Conflict):
    """Another transition, which this command runs on the way, is not there or not active."""

    code = "transition_missing"


class OtherFormerState(Conflict):
    """The package was blocked from another state."""

    code = "package_blocked_from_other_state"


class OtherEnd(Conflict):
    """This command belongs to the other end of the transfer."""

    code = "transfer_other_end"


def other_end(*, number: str, side: str) -> OtherEnd:
    """`side` is the end that runs the command."""
    return OtherEnd(f"{number}: only the {side} location runs this command.", side=side)


def wrong_state(kind: str, *, now_in: str, starts_from: str) -> Invalid:
    """The record has moved on; both states as "Name (value)"."""
    said = f"The {kind} is in {now_in} now; this transition starts from {starts_from}."
    return Invalid(fields={"transition": [said]})


def repeated(kind: str) -> Invalid:
    """The same record twice in one bulk call."""
    return Invalid(fields={f"{kind}s": [f"The {kind} is named twice in this call."]})


def unknown(kind: str) -> NotFound:
    """Missing and foreign records answer alike."""
    return NotFound(f"{kind.capitalize()} not found.")


def as_json(kind: str, verdict: Verdict) -> dict[str, Any]:
    """One row of a bulk answer: `done` with the new state, or `refused` with `code` and messages."""
    if verdict.refusal is None:
        done = {kind: verdict.id, "done": True, "state": str(verdict.state)}
        return done if verdict.answer is None else {**done, "answer": verdict.answer}
    body: dict[str, Any] = {kind: verdict.id, "done": False, **verdict.refusal.as_dict()}
    if isinstance(verdict.refusal, Invalid):
        body["errors"] = verdict.refusal.fields
    return body
