"""What became of a command, transfer by transfer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ambar.kit.refusals import Conflict, Invalid, NotFound, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferVerdict:
    """`refusal` None: done, and the transfer is in `state` (a TransferStatus value)."""

    transfer_id: int
    state: str | None = None
    refusal: Refusal | None = None


class OtherEnd(Conflict):
    """This command belongs to the other end of the transfer."""

    code = "transfer_other_end"


def other_end(*, number: str, side: str) -> OtherEnd:
    """`side` is the end that runs the command."""
    return OtherEnd(f"{number}: only the {side} location runs this command.", side=side)


def wrong_state(*, now_in: str, starts_from: str) -> Invalid:
    """The transfer has moved on; both states as "Name (value)"."""
    return Invalid(
        fields={
            "transition": [f"The transfer is in {now_in} now; this transition starts from {starts_from}."]
        }
    )


def repeated() -> Invalid:
    """The same transfer twice in one bulk call."""
    return Invalid(fields={"transfers": ["The transfer is named twice in this call."]})


def unknown() -> NotFound:
    """Missing and foreign transfers answer alike."""
    return NotFound("Transfer not found.")


def as_json(verdict: TransferVerdict) -> dict[str, Any]:
    """One row of a bulk answer: `done` with the new state, or `refused` with `code` and messages."""
    if verdict.refusal is None:
        return {"transfer": verdict.transfer_id, "done": True, "state": verdict.state}
    body: dict[str, Any] = {"transfer": verdict.transfer_id, "done": False, **verdict.refusal.as_dict()}
    if isinstance(verdict.refusal, Invalid):
        body["errors"] = verdict.refusal.fields
    return body
