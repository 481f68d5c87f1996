"""One small OMS on which every command is tried, and the ways by which a record gets into each state.

The ways are worked out from the transition rows: from where records are born, by the commands themselves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from ambar.oms.commands.actions.decide_cancellations import decide_cancellations
from ambar.oms.orders import cancellation_store
from ambar.oms.orders.domain.incoming import IncomingCancellationPlan
from ambar.oms.packages.domain import events
from ambar.oms.packages.models import Package
from ambar.oms.states import queries as states
from ambar.oms.states.domain.codes import ENUM_OF_KIND
from ambar.oms.states.queries import Transition
from tests.store.oms.model import command_examples as examples
from tests.store.oms.model.command_examples import Record
from tests.worlds.callers import caller
from tests.worlds.listening import listen
from tests.worlds.oms_records import T0, World, build, package
from tests.worlds.oms_transfers import add_location, waiting_package

LINES = (("SKU-A", 2), ("SKU-B", 3))
PATHS = {"package": "/packages", "transfer": "/transfer_orders"}
TABLES = {
    "package": ("oms_packages_package", "oms_packages_packageitem", "package_id"),
    "transfer": ("oms_transfers_transfer", "oms_transfers_transferitem", "transfer_id"),
}


def ask_to_cancel(package_id: int) -> None:
    """Upstream wants the whole order of this package cancelled, and that is decided."""
    order = Package.objects.select_related("order").get(pk=package_id).order
    plan = IncomingCancellationPlan(
        source=order.source,
        upstream_id=900_000 + package_id,
        order_upstream_id=order.upstream_id,
        plan_type="cancel",
        status="waiting",
        upstream_modified_at=T0,
        items=(),
    )
    cancellation_store.upsert_cancellation_plans([plan], now=T0)
    decide_cancellations(limit=10, now=T0)


def _asked_to_cancel(floor: Floor) -> int:
    made = package(floor.world, lines=LINES)
    answer = floor.post(Record("package", made.id), {"slug": "complete-packaging-from-waiting"})
    assert answer.status_code == 204, answer.content
    ask_to_cancel(made.id)
    return made.id


Birth = Callable[["Floor"], int]
BIRTHS: dict[str, dict[str, tuple[str, Birth]]] = {
    "package": {
        "planned": ("100", lambda floor: package(floor.world, lines=LINES).id),
        "planned in parts": ("150", lambda floor: package(floor.world, lines=LINES, state=150).id),
        "waiting for a transfer": ("300", lambda floor: waiting_package(floor.world)[0].id),
        "complete at last": ("300", lambda floor: package(floor.world, lines=LINES, state=300).id),
        "out of stock": ("920", lambda floor: package(floor.world, lines=LINES, state=920).id),
        "asked to cancel": ("800", _asked_to_cancel),
    },
    "transfer": {"planned": ("waiting", lambda floor: waiting_package(floor.world)[1][0].id)},
}
"""Where records begin, and the moves that no command makes."""


@dataclass(frozen=True)
class Way:
    """Born so, then moved by these transitions."""

    birth: str
    steps: tuple[Transition, ...] = ()

    def __str__(self) -> str:
        return " → ".join((self.birth, *(step.slug for step in self.steps)))


def ways(kind: str) -> dict[str, list[Way]]:
    """Every state with the ways that end in it: each birth, and the shortest way to each transition that leads there."""
    moves = [row for row in states.active_transitions(kind) if examples.end_of(row) != row.source]
    shortest: dict[str, Way] = {}
    waiting: deque[str] = deque()
    found: dict[str, list[Way]] = {}
    for name, (state, _) in BIRTHS[kind].items():
        found.setdefault(state, []).append(Way(name))
        if state not in shortest:
            shortest[state] = Way(name)
            waiting.append(state)
    while waiting:
        source = waiting.popleft()
        for row in (row for row in moves if row.source == source):
            end, way = examples.end_of(row), shortest[source]
            longer = Way(way.birth, (*way.steps, row))
            found.setdefault(end, []).append(longer)
            if end not in shortest:
                shortest[end] = longer
                waiting.append(end)
    return found


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens within is as if it never had."""
    mark = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(mark)


class Refused(Exception):
    """A way that can't be gone."""


class Floor:
    """The small OMS and a caller who may command everything in it."""

    def __init__(self) -> None:
        self.world: World = build(stock_of_each=100_000)
        listen(*sorted(events.HEARD))
        self.caller = caller("planner")
        add_location(self.world, "FAR")
        self.elsewhere = caller("location_operator", location_ids=[self.world.locations["FAR"]])

    def post(self, record: Record, body: dict[str, Any], *, by: Any = None, **headers: str) -> Any:
        """Run a command on a record."""
        return (by or self.caller).post(f"{PATHS[record.kind]}/{record.id}/command/", body, **headers)

    def run(self, record: Record, transition: Transition) -> Any:
        """Run a transition with the smallest valid parameters."""
        return self.post(record, {"slug": transition.slug, **examples.parameters(transition, record)})

    def offers(self, record: Record) -> set[str]:
        """The slugs the record offers now."""
        answer = self.caller.get(f"{PATHS[record.kind]}/{record.id}/")
        assert answer.status_code == 200, answer.content
        return {offer["slug"] for offer in answer.json()["commands"]}

    def walk(self, kind: str, way: Way) -> Record:
        """A record that has gone this way. Raises `Refused` where the rules stop it."""
        record = Record(kind, BIRTHS[kind][way.birth][1](self))
        for step in way.steps:
            examples.beforehand(step, record)
            answer = self.run(record, step)
            if answer.status_code not in (200, 204):
                raise Refused(f"{way}: {step.slug} answered {answer.status_code} {answer.content[:300]!r}")
        return record

    def stranger(self, kind: str) -> Record:
        """Another record of this kind."""
        return Record(kind, next(iter(BIRTHS[kind].values()))[1](self))

    def put(self, kind: str, state: str) -> Record:
        """A record in a state, however it may have got there."""
        record = self.stranger(kind)
        head, items, key = TABLES[kind]
        with connection.cursor() as cursor:
            blocked = ", previous_state = 100" if kind == "package" and state == "930" else ""
            cursor.execute(f"UPDATE {head} SET state = %s{blocked} WHERE id = %s", [state, record.id])
            cursor.execute(f"UPDATE {items} SET state = %s WHERE {key} = %s", [state, record.id])
        return record


def named(kind: str, state: str) -> str:
    """A state as refusals tell it."""
    row = states.state_json(ENUM_OF_KIND[kind], state)
    return f"{row['name']} ({row['enum_value']})"
