"""Two operators at once (trap 29), for every pair of commands that one record offers; and what is edited meanwhile (trap 30)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations_with_replacement, product
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from ambar.oms.packages.models import Package
from ambar.oms.states import queries as states
from ambar.oms.states.domain.codes import ENUM_OF_KIND
from ambar.oms.states.domain.seed import PACKAGE_TRANSITIONS, STATE_NAMES, TRANSFER_TRANSITIONS
from ambar.oms.states.models import State, StateTransition, TransitionLog
from ambar.oms.states.queries import Transition
from ambar.oms.transfers.models import Transfer
from tests.store.oms.model import command_examples as examples
from tests.store.oms.model.command_examples import Record
from tests.store.oms.model.floor import BIRTHS, Floor, Refused, Way, named, undone, ways
from tests.worlds import oms_books as books
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import package
from tests.worlds.oms_transfers import waiting_package
from tests.worlds.waiting import LONG_SECONDS, until_somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)
LEFT = {
    kind: sorted({row[4] for row in rows}, key=list(STATE_NAMES[ENUM_OF_KIND[kind]]).index)
    for kind, rows in (("package", PACKAGE_TRANSITIONS), ("transfer", TRANSFER_TRANSITIONS))
}
"""States that transitions start from."""


class Pair:
    """Two people, each with a connection of their own, who press at the same moment."""

    def __init__(self) -> None:
        self.callers = [caller("planner", username=f"operator-{n}") for n in range(2)]
        self.pool = ThreadPoolExecutor(2)

    def __enter__(self) -> Pair:
        return self

    def __exit__(self, *_: object) -> None:
        both = Barrier(2)

        def leave() -> None:
            both.wait(timeout=LONG_SECONDS)
            connection.close()

        for left in [self.pool.submit(leave) for _ in range(2)]:
            left.result(timeout=LONG_SECONDS)
        self.pool.shutdown()

    def press(self, *acts: Callable[[Caller], Any]) -> list[Any]:
        """What each of the two is answered."""
        barrier = Barrier(2)

        def one(n: int) -> Any:
            connection.ensure_connection()
            barrier.wait(timeout=LONG_SECONDS)
            return acts[n](self.callers[n])

        return [done.result(timeout=LONG_SECONDS) for done in [self.pool.submit(one, n) for n in range(2)]]


def _runnable(floor: Floor, kind: str, rows: list[Transition], known: list[Way]) -> dict[str, list[Way]]:
    """The ways at whose end each of these transitions can be run; tried and undone."""
    found: dict[str, list[Way]] = {row.slug: [] for row in rows}
    for way in known:
        with transaction.atomic():
            try:
                record = floor.walk(kind, way)
            except Refused:
                rows_here: list[Transition] = []
            else:
                rows_here = rows
            for row in rows_here:
                with undone():
                    examples.beforehand(row, record)
                    if floor.run(record, row).status_code in (200, 204):
                        found[row.slug].append(way)
            transaction.set_rollback(True)
    return found


@pytest.mark.parametrize(
    ("kind", "state"), [(kind, state) for kind, found in LEFT.items() for state in found]
)
def test_of_two_commands_on_one_record_one_wins_and_the_other_gets_the_new_state(kind, state):
    floor, known = Floor(), ways(kind)[state]
    rows = [row for row in states.active_transitions(kind) if row.source == state]
    ways_of = _runnable(floor, kind, rows, known)
    assert all(ways_of.values()), ways_of
    tried: list[str] = []
    with Pair() as pair:
        for one, other in combinations_with_replacement(rows, 2):
            way = next((way for way in ways_of[one.slug] if way in ways_of[other.slug]), None)
            if way is not None:
                _press_both(floor, pair, floor.walk(kind, way), one, other)
                tried.append(f"{one.slug} and {other.slug}")
                # What is wrong once stays wrong: a look at all books after every few pairs misses nothing.
                if len(tried) % 12 == 0:
                    assert books.wrong() == {}, tried[-12:]
    assert books.wrong() == {}, tried[-12:]
    assert len(tried) >= len(rows)


def _press_both(floor: Floor, pair: Pair, record: Record, one: Transition, other: Transition) -> None:
    what = f"{one.slug} and {other.slug}"
    for row in (one, other):
        examples.beforehand(row, record)
    bodies = [{"slug": row.slug, **examples.parameters(row, record)} for row in (one, other)]
    answers = pair.press(*(lambda by, body=body: floor.post(record, body, by=by) for body in bodies))
    won = [row for row, answer in zip((one, other), answers, strict=True) if answer.status_code in (200, 204)]
    moving = [row for row in won if examples.end_of(row) != row.source]
    assert won, (what, [answer.content for answer in answers])
    assert len(moving) <= 1, (what, "both moved it")
    now = examples.stands_in(record)
    assert now == (examples.end_of(moving[0]) if moving else one.source), what
    for row, answer in zip((one, other), answers, strict=True):
        if answer.status_code not in (200, 204) and not moving:
            # The winner left the state as it was, but there may be nothing left to do for the second.
            assert answer.status_code in (400, 406), (what, answer.content)
            assert answer.json(), what
        elif answer.status_code not in (200, 204):
            said = f"The {record.kind} is in {named(record.kind, now)} now; this transition starts from {named(record.kind, row.source)}."
            assert (answer.status_code, answer.json()) == (400, {"transition": [said]}), what


TOUCHING = [
    (one, other)
    for one, other in product(
        [row[0] for row in PACKAGE_TRANSITIONS if row[4] == "300"],
        [row[0] for row in TRANSFER_TRANSITIONS if row[4] in ("waiting", "in_transit")],
    )
]


def test_a_package_and_its_transfer_commanded_at_once_leave_nothing_half_done():
    floor = Floor()
    by_slug = {row.slug: row for kind in BIRTHS for row in states.active_transitions(kind)}
    ended: set[tuple[int, str]] = set()
    with Pair() as pair:
        for of_package, of_transfer in TOUCHING:
            made, coming = waiting_package(floor.world, sources=("WH1", "FAR"))
            parcel, transfer = Record("package", made.id), Record("transfer", coming[0].id)
            if by_slug[of_transfer].source == "in_transit":
                assert floor.run(transfer, by_slug["transfer-dispatch-from-waiting"]).status_code == 204
            acts = [
                (record, {"slug": slug, **examples.parameters(by_slug[slug], record)})
                for record, slug in ((parcel, of_package), (transfer, of_transfer))
            ]
            answers = pair.press(
                *(
                    lambda by, record=record, body=body: floor.post(record, body, by=by)
                    for record, body in acts
                )
            )
            assert all(answer.status_code in (204, 400, 406) for answer in answers), [
                a.content for a in answers
            ]
            assert any(answer.status_code == 204 for answer in answers), (of_package, of_transfer)
            assert books.wrong() == {}, (of_package, of_transfer)
            ended.add((Package.objects.get(pk=made.id).state, Transfer.objects.get(pk=transfer.id).state))
    assert len(ended) > 2


@pytest.fixture
def waiting():
    """A package whose command is under way: it knows its transition and waits for the lock this fixture's user holds."""
    floor = Floor()
    record = Record("package", package(floor.world).id)
    with ThreadPoolExecutor(1) as pool:

        def begin(slug: str) -> Any:
            def run() -> Any:
                try:
                    return floor.post(record, {"slug": slug})
                finally:
                    connection.close()

            answer = pool.submit(run)
            until_somebody_waits_for_a_lock()
            return answer

        yield floor, record, begin


def _edit_while_locked(record: Record, begin: Any, slug: str, edit: Callable[[], Any]) -> Any:
    """Lock the package, let the command begin, edit from a third connection, let go; the command's answer."""
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Package.objects.select_for_update().get(pk=record.id)
        answer = begin(slug)

        def apart() -> None:
            try:
                edit()
            finally:
                connection.close()

        pool.submit(apart).result(timeout=LONG_SECONDS)
    return answer.result(timeout=LONG_SECONDS)


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda row: row.update(is_active=False), id="switched off"),
        pytest.param(
            lambda row: row.update(destination=_state("400"), command_code="PKG_STATE_TRANSITION"),
            id="leads elsewhere",
        ),
        pytest.param(
            lambda row: row.update(parameters={"sync_remote_order_status": False}), id="tells nobody"
        ),
        pytest.param(lambda row: row.delete(), id="deleted"),
    ],
)
def test_a_transition_edited_under_way_is_finished_as_it_was_begun(waiting, edit):
    """Trap 30: the command ends under the row it began with; the next call sees the new one."""
    floor, record, begin = waiting
    slug = "deallocate-reservations"
    row = StateTransition.objects.get(slug=slug)
    answer = _edit_while_locked(record, begin, slug, lambda: edit(StateTransition.objects.filter(slug=slug)))
    assert (answer.status_code, answer.content) == (204, b"")
    assert examples.stands_in(record) == "200"
    assert Package.objects.get(pk=record.id).sync_pending_at is not None
    log = TransitionLog.objects.filter(kind="package", object_id=record.id).order_by("id").last()
    assert log is not None
    assert (log.new_state.enum_value, log.attributes["command.transition_id"]) == ("200", row.pk)
    assert books.wrong() == {}
    second = package(floor.world)
    after = floor.post(Record("package", second.id), {"slug": slug})
    now = StateTransition.objects.filter(slug=slug, is_active=True).select_related("destination").first()
    if now is None:
        assert (after.status_code, list(after.json())) == (400, ["slug"])
    else:
        assert after.status_code == 204
        assert Package.objects.get(pk=second.id).state == int(now.destination.enum_value)


def _state(value: str) -> State:
    return State.objects.get(enum_class="PackageStatus", enum_value=value)


def test_a_state_renamed_under_way_changes_no_code(waiting):
    """Trap 30: people see the new name, the code acts on the number."""
    floor, record, begin = waiting
    rename = lambda: State.objects.filter(pk=_state("200").pk).update(name="On the bench")  # noqa: E731
    try:
        answer = _edit_while_locked(record, begin, "deallocate-reservations", rename)
        assert answer.status_code == 204
        states.forget()
        told = floor.caller.get(f"/packages/{record.id}/").json()["state"]
        assert (told["name"], told["enum_value"]) == ("On the bench", "200")
        assert books.wrong() == {}
    finally:
        states.forget()
