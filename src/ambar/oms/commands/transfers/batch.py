"""The transfers of one command call, locked with their packages, while the command decides and acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from ambar.kit import rest
from ambar.kit.refusals import Refusal
from ambar.oms.states.queries import Transition
from ambar.oms.transfers import store as transfers
from ambar.oms.transfers.domain.changes import LockedTransfer, TransferChange


class TransferBatch:
    """`standing` are the transfers not refused so far; `cause` names this call in the stock ledger."""

    def __init__(
        self,
        *,
        transition: Transition,
        locked: Mapping[int, LockedTransfer],
        parameters: Mapping[int, rest.Body],
        user_id: int | None,
        cause: UUID,
        now: datetime,
    ) -> None:
        self.transition = transition
        self.parameters = parameters
        self.user_id = user_id
        self.cause = cause
        self.now = now
        self.refused: dict[int, Refusal] = {}
        self._locked = locked

    @property
    def standing(self) -> list[LockedTransfer]:
        """Transfers still to be handled, in id order."""
        return [self._locked[i] for i in sorted(self._locked) if i not in self.refused]

    def refuse(self, transfer_id: int, refusal: Refusal) -> None:
        """Leave this transfer as it is; the others go on."""
        self.refused[transfer_id] = refusal

    def move(
        self,
        *,
        attributes: Callable[[LockedTransfer], Mapping[str, Any]] | None = None,
        item_states: Callable[[LockedTransfer], Mapping[int, str]] | None = None,
    ) -> None:
        """Move every standing transfer with its items to the transition's destination, with log and events.

        `attributes` go into the log row; `item_states` names items that end in another state.
        """
        transfers.change_states(
            [
                TransferChange(
                    transfer_id=transfer.id,
                    from_state=transfer.state,
                    to_state=self.transition.destination,
                    command_code=self.transition.command_code,
                    slug=self.transition.slug,
                    transition_id=self.transition.id,
                    user_id=self.user_id,
                    attributes=attributes(transfer) if attributes else {},
                    item_states=item_states(transfer) if item_states else {},
                )
                for transfer in self.standing
            ],
            now=self.now,
        )
