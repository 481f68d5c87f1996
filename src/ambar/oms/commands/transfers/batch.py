"""The transfers of one command call, locked with their packages, while the command decides and acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ambar.oms.commands.batch import CommandBatch
from ambar.oms.transfers import store as transfers
from ambar.oms.transfers.domain.changes import LockedTransfer, TransferChange


class TransferBatch(CommandBatch[LockedTransfer]):
    """Transfers."""

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
