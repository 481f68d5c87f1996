"""The packages of one command call, locked, while the command decides and acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ambar.kit import rest
from ambar.kit.refusals import Refusal
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedPackage, StateChange
from ambar.oms.states.queries import Transition


class Batch:
    """`standing` are the packages not refused so far; `cause` names this call in the stock ledger.

    `location_ids` are the caller's own locations, None = all. `ended` is where a package went that did not go to the
    transition's destination.
    """

    def __init__(
        self,
        *,
        transition: Transition,
        locked: Mapping[int, LockedPackage],
        parameters: Mapping[int, rest.Body],
        user_id: int | None,
        location_ids: Sequence[int] | None = None,
        cause: UUID,
        now: datetime,
    ) -> None:
        self.transition = transition
        self.parameters = parameters
        self.user_id = user_id
        self.location_ids = location_ids
        self.cause = cause
        self.now = now
        self.moved: set[int] = set()
        self.refused: dict[int, Refusal] = {}
        self.ended: dict[int, int] = {}
        self._locked = locked

    @property
    def standing(self) -> list[LockedPackage]:
        """Packages still to be handled, in id order."""
        return [self._locked[i] for i in sorted(self._locked) if i not in self.refused]

    def refuse(self, package_id: int, refusal: Refusal) -> None:
        """Leave this package as it is; the others go on."""
        self.refused[package_id] = refusal

    def move(
        self,
        *,
        attributes: Callable[[LockedPackage], Mapping[str, Any]] | None = None,
        besides: Callable[[LockedPackage], tuple[str, ...]] | None = None,
        sync: bool | None = None,
    ) -> None:
        """Move every standing package to the transition's destination (or where `ended` says), with log, events, quota.

        `attributes` go into the log row, `besides` are event types raised after the usual ones. `sync`: whether the new
        status is reported upstream; None leaves it to the transition's parameter.
        """
        if sync is None:
            sync = self.transition.parameters.get("sync_remote_order_status", True) is not False
        changes = self._changes(attributes, besides, sync)
        packages.change_states(changes, now=self.now)
        self.moved.update(change.package_id for change in changes)

    def note(self, *, attributes: Callable[[LockedPackage], Mapping[str, Any]] | None = None) -> None:
        """Write that the command ran on every standing package, whose state stays as it is: a log row, no event."""
        packages.note(self._changes(attributes, None, sync=False), now=self.now)

    def _changes(
        self,
        attributes: Callable[[LockedPackage], Mapping[str, Any]] | None,
        besides: Callable[[LockedPackage], tuple[str, ...]] | None,
        sync: bool,
    ) -> list[StateChange]:
        return [
            StateChange(
                package_id=package.id,
                from_state=package.state,
                to_state=self.ended.get(package.id, int(self.transition.destination)),
                command_code=self.transition.command_code,
                slug=self.transition.slug,
                transition_id=self.transition.id,
                user_id=self.user_id,
                attributes=attributes(package) if attributes else {},
                sync=sync,
                besides=besides(package) if besides else (),
            )
            for package in self.standing
        ]
