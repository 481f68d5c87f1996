"""Reads of states, transitions and the log.

Rows of states and transitions are few and rarely edited: they are kept in the process for `KEPT_SECONDS`, so a new name
shows everywhere within that time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet

from ambar.kit import clock, prepared, vault
from ambar.kit.short_memory import remembered
from ambar.oms.states import registry
from ambar.oms.states.domain.codes import CONTENT_TYPE_OF_ENUM, CONTENT_TYPES
from ambar.oms.states.domain.parameters import with_secrets
from ambar.oms.states.models import State, StateTransition, TransitionLog

KEPT_SECONDS = 5.0


Rows = TypeVar("Rows")


class _Kept(Generic[Rows]):
    def __init__(self, read: Callable[[], Rows]) -> None:
        self.read = read
        self.lock = Lock()
        self.until = 0.0
        self.found: Rows | None = None

    def rows(self) -> Rows:
        found = self.found
        if found is not None and time.monotonic() < self.until:
            return found
        with self.lock:
            if self.found is None or time.monotonic() >= self.until:
                self.found = self.read()
                self.until = time.monotonic() + KEPT_SECONDS
            return self.found


_kept: _Kept[dict[tuple[str, str], dict[str, Any]]] = _Kept(
    lambda: {(s.enum_class, s.enum_value): as_json(s) for s in State.objects.all()}
)
_kept_transitions: dict[str, _Kept[tuple[Transition, ...]]] = {}


def forget() -> None:
    """Drop the kept rows of this process (called after a state or a transition is saved)."""
    _kept.until = 0.0
    _kept_transitions.clear()
    lately_active.forget()


def as_json(state: State) -> dict[str, Any]:
    """The wire form of a state row (Akinon OMS: order services, package example)."""
    return {
        "id": state.pk,
        "name": state.name,
        "translations": state.translations,
        "config": state.config,
        "enum_class": state.enum_class,
        "enum_value": state.enum_value,
        "content_type": CONTENT_TYPE_OF_ENUM[state.enum_class],
        "created_date": clock.iso(state.created_at),
        "modified_date": clock.iso(state.modified_at),
    }


def state_json(enum_class: str, value: object) -> dict[str, Any]:
    """The state `value` (code or string) of `enum_class` as its wire dict. Not to be changed by the caller.

    Raises `LookupError` when no such row exists.
    """
    rows = _kept.rows()
    key = (enum_class, str(value))
    if key not in rows:
        forget()
        rows = _kept.rows()
    if key not in rows:
        raise LookupError(f"No state {value} of {enum_class}.")
    return rows[key]


def order_item_state_json(value: object) -> dict[str, Any]:
    """As `state_json` for an order item, whose content type differs from the order's."""
    return {**state_json("OrderStatus", value), "content_type": CONTENT_TYPES["order_item"]}


def state_id(enum_class: str, value: object) -> int:
    """Id of the state row."""
    return int(state_json(enum_class, value)["id"])


def states_of(enum_class: str) -> list[dict[str, Any]]:
    """All rows of one enumeration in code order."""
    rows = [row for (name, _), row in _kept.rows().items() if name == enum_class]
    return sorted(rows, key=lambda row: (len(row["enum_value"]), row["enum_value"]))


STATES_OF = {"PackageStatus": "a package", "OrderStatus": "an order", "TransferStatus": "a transfer"}


def parse_states(enum_class: str, values: Iterable[str]) -> list[str]:
    """State values from filter values: value or name, comma lists allowed.

    :raises ValueError: one that is no state, in words; the list names its filter.
    """
    rows = {row["enum_value"]: row for row in states_of(enum_class)}
    by_name = {row["name"].casefold(): code for code, row in rows.items()}
    found = []
    for value in (part.strip() for text in values for part in text.split(",")):
        code = value if value in rows else by_name.get(value.replace("_", " ").casefold())
        if code is None:
            raise ValueError(f"No state of {STATES_OF[enum_class]} is named '{value[:60]}'.")
        found.append(code)
    return found


def parse_codes(enum_class: str, values: Iterable[str]) -> list[int]:
    """As `parse_states`, for states whose values are numbers."""
    return [int(value) for value in parse_states(enum_class, values)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A transition row as commands need it; `source` and `destination` are enum values, secrets of `parameters` sealed."""

    id: int
    name: str
    slug: str
    kind: str
    command_code: str
    source: str
    destination: str
    visibility: str
    parameters: dict[str, Any]
    translations: dict[str, Any]


_SELECT = """
SELECT t.id, t.name, t.slug, t.kind, t.command_code, s.enum_value, d.enum_value, t.visibility,
       t.parameters::text, t.translations::text
  FROM oms_states_statetransition t
  JOIN oms_states_state s ON s.id = t.source_id
  JOIN oms_states_state d ON d.id = t.destination_id
 WHERE t.is_active AND t.kind = %s"""


def _transitions(sql: str, params: Sequence[object]) -> list[Transition]:
    with prepared.cursor() as cursor:
        cursor.execute(sql, params)
        return [
            Transition(
                id=row[0],
                name=row[1],
                slug=row[2],
                kind=row[3],
                command_code=row[4],
                source=row[5],
                destination=row[6],
                visibility=row[7],
                parameters=json.loads(row[8]),
                translations=json.loads(row[9]),
            )
            for row in cursor.fetchall()
        ]


def transition(kind: str, *, id: int | None = None, slug: str | None = None) -> Transition | None:
    """The active transition of `kind` with this id and/or slug, its secrets in clear; None when none is (both must agree)."""
    sql, params = _SELECT, [kind]
    if id is not None:
        sql, params = f"{sql} AND t.id = %s", [*params, id]
    if slug is not None:
        sql, params = f"{sql} AND t.slug = %s", [*params, slug]
    found = _transitions(sql, params)
    if not found:
        return None
    return replace(found[0], parameters=with_secrets(found[0].parameters, vault.open))


def transitions_from(kind: str, sources: Iterable[object]) -> dict[str, list[Transition]]:
    """Active transitions of `kind` starting from `sources`, by source value, in id order. One statement."""
    values = sorted({str(source) for source in sources})
    result: dict[str, list[Transition]] = {value: [] for value in values}
    for row in _transitions(f"{_SELECT} AND s.enum_value = ANY(%s) ORDER BY t.id", [kind, values]):
        result[row.source].append(row)
    return result


def active_transitions(kind: str) -> list[Transition]:
    """All active transitions of `kind`, in id order."""
    return _transitions(f"{_SELECT} ORDER BY t.id", [kind])


@remembered
def lately_active(kind: str) -> tuple[Transition, ...]:
    """As `active_transitions`, but up to a second old: for looking ahead, never for what is decided by it."""
    return tuple(active_transitions(kind))


def known_transitions(kind: str) -> tuple[Transition, ...]:
    """As `active_transitions`, but up to `KEPT_SECONDS` old, the same tuple as long as it is: for telling of, never for deciding."""
    kept = _kept_transitions.get(kind)
    if kept is None:
        kept = _kept_transitions.setdefault(kind, _Kept(lambda: tuple(active_transitions(kind))))
    return kept.rows()


def states() -> QuerySet[State]:
    """All states."""
    return State.objects.all()


def transitions() -> QuerySet[StateTransition]:
    """All transitions with their ends."""
    return StateTransition.objects.select_related("source", "destination")


def visible_logs(principal: Any) -> QuerySet[TransitionLog]:
    """The log as far as `principal` may see it: one bound to locations sees only its own records' rows."""
    rows = TransitionLog.objects.select_related("old_state", "new_state")
    if "location_ids" not in principal.bounds:
        return rows
    allowed = Q(pk__in=[])
    for kind, ids in registry.visibilities().items():
        allowed |= Q(kind=kind, object_id__in=ids(principal))
    return rows.filter(allowed)
