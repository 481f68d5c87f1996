"""The records of one command call, locked, while the command decides and acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from ambar.kit import rest
from ambar.kit.refusals import Refusal
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedPackage, StateChange
from ambar.oms.states.queries import Transition


class Locked(Protocol):
    """What any locked record has."""

    @property
    def id(self) -> int: ...


Record = TypeVar("Record", bound=Locked)


class Answers(Protocol):
    """What services outside answered beforehand: `take` refuses records without, `use` writes the others' answers."""

    def take(self, batch: Any) -> None: ...

    def use(self, batch: Any) -> None: ...


class NothingAsked:
    """Nobody was asked."""

    def take(self, batch: Any) -> None:
        """Refuse nothing."""

    def use(self, batch: Any) -> None:
        """Write nothing."""


class CommandBatch(Generic[Record]):
    """`standing` are the records not refused so far; `cause` names this call in the stock ledger.

    `location_ids` are the caller's own locations, None = all. `told` is what a command answers of a record beyond
    having run.
    """

    def __init__(
        self,
        *,
        transition: Transition,
        locked: Mapping[int, Record],
        parameters: Mapping[int, rest.Body],
        user_id: int | None,
        location_ids: Sequence[int] | None = None,
        cause: UUID,
        now: datetime,
        answers: Answers | None = None,
    ) -> None:
        self.answers: Answers = answers or NothingAsked()
        self.transition = transition
        self.parameters = parameters
        self.user_id = user_id
        self.location_ids = location_ids
        self.cause = cause
        self.now = now
        self.refused: dict[int, Refusal] = {}
        self.told: dict[int, Mapping[str, Any]] = {}
        self._locked = locked

    @property
    def standing(self) -> list[Record]:
        """Records still to be handled, in id order."""
        return [self._locked[i] for i in sorted(self._locked) if i not in self.refused]

    def refuse(self, record_id: int, refusal: Refusal) -> None:
        """Leave this record as it is; the others go on."""
        self.refused[record_id] = refusal

    def state_after(self, record_id: int) -> int | str:
        """Where a record stands that was not refused."""
        return self.transition.destination


class Batch(CommandBatch[LockedPackage]):
    """Packages. `ended` is where a package went that did not go to the transition's destination; `quiet` are those whose
    end upstream is not told, because others take their place; `stock_taken` are the items whose stock left the books just
    now, which `move` marks."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.ended: dict[int, int] = {}
        self.quiet: set[int] = set()
        self.stock_taken: list[int] = []

    def state_after(self, record_id: int) -> int:
        """PackageStatus code."""
        return self.ended.get(record_id, int(self.transition.destination))

    def products_replaced(self, products: Mapping[int, int]) -> None:
        """Know the items' products anew: `{package item: product}`."""
        self._locked = {
            package_id: replace(
                package,
                items=tuple(replace(i, product_id=products.get(i.id, i.product_id)) for i in package.items),
            )
            for package_id, package in self._locked.items()
        }

    def move(
        self,
        *,
        attributes: Callable[[LockedPackage], Mapping[str, Any]] | None = None,
        besides: Callable[[LockedPackage], tuple[str, ...]] | None = None,
        sync: bool | None = None,
        carriers: Mapping[int, str] | None = None,
    ) -> None:
        """Move every standing package to the transition's destination (or where `ended` says), with log, events, quota.

        `attributes` go into the log row, `besides` are event types raised after the usual ones. `sync`: whether the new
        status is reported upstream; None leaves it to the transition's parameter. `carriers`: who takes each package from
        now on. Answers of services outside are written first, so that the events tell them.
        """
        self.answers.use(self)
        if sync is None:
            sync = self.transition.parameters.get("sync_remote_order_status", True) is not False
        changes = self._changes(attributes, besides, sync, carriers)
        packages.change_states(changes, stock_taken=self.stock_taken, now=self.now)

    def note(self, *, attributes: Callable[[LockedPackage], Mapping[str, Any]] | None = None) -> None:
        """Write that the command ran on every standing package, whose state stays as it is: a log row, no event; and
        the answers of services outside."""
        self.answers.use(self)
        packages.note(self._changes(attributes, None, sync=False), now=self.now)

    def _changes(
        self,
        attributes: Callable[[LockedPackage], Mapping[str, Any]] | None,
        besides: Callable[[LockedPackage], tuple[str, ...]] | None,
        sync: bool,
        carriers: Mapping[int, str] | None = None,
    ) -> list[StateChange]:
        return [
            StateChange(
                package_id=package.id,
                from_state=package.state,
                to_state=self.state_after(package.id),
                command_code=self.transition.command_code,
                slug=self.transition.slug,
                transition_id=self.transition.id,
                user_id=self.user_id,
                attributes=attributes(package) if attributes else {},
                sync=sync and package.id not in self.quiet,
                besides=besides(package) if besides else (),
                carrier=carriers.get(package.id) if carriers else None,
            )
            for package in self.standing
        ]
