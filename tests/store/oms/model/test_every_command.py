"""Every state × every seeded transition × every kind of data, worked out from the rows and the declared commands.

What a transition allows is done, with its effects and nothing else; what none allows is refused with its field and
changes nothing in any table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ambar.kit.accounts.models import AuditEntry, User
from ambar.oms.commands import registry
from ambar.oms.packages.domain import events as package_events
from ambar.oms.states import queries as states
from ambar.oms.states.domain.codes import ENUM_OF_KIND
from ambar.oms.states.domain.seed import STATE_NAMES
from ambar.oms.states.models import StateTransition, TransitionLog
from ambar.oms.states.queries import Transition
from ambar.oms.transfers.domain import events as transfer_events
from tests.store.oms.model import command_examples as examples
from tests.store.oms.model.command_examples import Record
from tests.store.oms.model.floor import BIRTHS, Floor, Refused, named, undone, ways
from tests.worlds import oms_books as books
from tests.worlds.oms_records import events_of

pytestmark = pytest.mark.django_db
STATES = [(kind, state) for kind in BIRTHS for state in STATE_NAMES[ENUM_OF_KIND[kind]]]
NOWHERE = 10**9


def test_every_kind_that_has_transitions_is_tried():
    assert set(StateTransition.objects.values_list("kind", flat=True)) == set(BIRTHS)


def test_every_declared_command_has_a_seeded_transition():
    seeded = set(StateTransition.objects.filter(is_active=True).values_list("command_code", flat=True))
    assert {command.code for command in registry.all_commands()} - seeded == set()


@pytest.mark.parametrize(("kind", "state"), STATES)
def test_what_a_transition_allows_is_done_whole_and_nothing_else_is(db, kind, state):
    from_here = [row for row in states.active_transitions(kind) if row.source == state]
    floor = Floor()
    done: set[str] = set()
    stopped: list[str] = []
    for way in ways(kind).get(state, []):
        with undone():
            try:
                record = floor.walk(kind, way)
            except Refused as reason:
                stopped.append(str(reason))
                continue
            assert books.wrong() == {}, way
            offered = floor.offers(record)
            for row in from_here:
                with undone():
                    can = _tried(floor, record, row, offered=row.slug in offered, stopped=stopped)
                if can and row.slug not in done:
                    done.add(row.slug)
                    with undone():
                        _refuses_bad_data(floor, record, row)
    assert {row.slug for row in from_here} - done == set(), "\n".join(stopped)


def _tried(floor: Floor, record: Record, row: Transition, *, offered: bool, stopped: list[str]) -> bool:
    """Whether the command was done; done or refused, it is so to the last row."""
    examples.beforehand(row, record)
    body = {"slug": row.slug, **examples.parameters(row, record)}
    before, seen = books.picture(), events_of(record.id, record.kind)
    answer = floor.post(record, body)
    if answer.status_code not in (200, 204):
        _refused(answer, before, row.slug)
        stopped.append(f"{row.slug}: {answer.status_code} {answer.content[:300]!r}")
        return False
    assert offered or row.visibility == "hidden", f"{row.slug} could be run, and was not offered"
    end = examples.end_of(row)
    assert examples.stands_in(record) == end, row.slug
    log = TransitionLog.objects.filter(kind=record.kind, object_id=record.id).order_by("id").last()
    assert log is not None and log.old_state is not None
    assert (log.old_state.enum_value, log.new_state.enum_value) == (row.source, end), row.slug
    assert log.user_id == User.objects.get(username="planner").pk
    told = {
        name: log.attributes.get(name)
        for name in ("command.slug", "transition.slug", "command.transition_id")
    }
    assert told == {
        "command.slug": row.command_code, "transition.slug": row.slug, "command.transition_id": row.id,
    }  # fmt: skip
    fresh = events_of(record.id, record.kind)[len(seen) :]
    assert sorted(name for name, _ in fresh) == sorted(_expected(record.kind, row, end)), row.slug
    assert [number for _, number in fresh] == list(range(len(seen) + 1, len(seen) + len(fresh) + 1))
    assert books.wrong() == {}, row.slug
    floor.offers(record)
    return True


def _expected(kind: str, row: Transition, end: str) -> tuple[str, ...]:
    besides = examples.BESIDES.get(row.command_code, ())
    if end == row.source:
        return besides
    if kind == "transfer":
        return (*transfer_events.on_change(end), *besides)
    return (*package_events.on_change(int(end)), *besides)


def _refused(answer: Any, before: dict[str, tuple[int, str]], what: str) -> None:
    _told(answer, what)
    assert books.changed(before, books.picture()) == [], what


def _told(answer: Any, what: str) -> None:
    assert 400 <= answer.status_code < 500, (what, answer.status_code, answer.content)
    said = answer.json()
    if answer.status_code == 400:
        assert said and all(messages and all(messages) for messages in said.values()), (what, said)
    else:
        assert said.get("code"), (what, said)


def _refuses_bad_data(floor: Floor, record: Record, row: Transition) -> None:
    """Missing, foreign, wrong-typed, repeated and stale data, each refused with its field and without a trace."""
    examples.beforehand(row, record)
    valid = examples.parameters(row, record)
    bodies = list(_bad_bodies(floor, row, valid))
    before = books.picture()
    for what, field, body in bodies:
        answer = floor.post(record, {"slug": row.slug, **body})
        what = f"{row.slug} with {what}"
        _told(answer, what)
        if answer.status_code == 400:
            named_fields = [name for name in answer.json() if name == field or name.startswith(f"{field}.")]
            assert named_fields or (field in valid and "non_field_errors" in answer.json()), (
                what,
                answer.json(),
            )
    # Nothing takes a change back, so one look after all of them sees what any of them left.
    assert books.changed(before, books.picture()) == [], (row.slug, [what for what, _, _ in bodies])
    _refuses_strangers(floor, record, row, valid, before)
    _acts_once(floor, record, row, valid)


def _bad_bodies(
    floor: Floor, row: Transition, valid: dict[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    schema = registry.schema_of(row.command_code)
    yield "a field nobody knows", "colour", {**valid, "colour": "red"}
    yield "another record's id", row.kind, {**valid, row.kind: NOWHERE}
    for name in valid:
        yield f"no {name}", name, {key: value for key, value in valid.items() if key != name}
    for name, told in schema.get("properties", {}).items():
        wrong: Any = {"no": "such thing"}
        if _accepts(told, schema, "object"):
            wrong = "no such thing"
        yield f"{name} of another type", name, {**valid, name: wrong}
        if _accepts(told, schema, "integer"):
            yield f"{name} from nowhere", name, {**valid, name: NOWHERE}
        if _accepts(told, schema, "string") and "enum" not in told:
            yield f"a NUL in {name}", name, {**valid, name: "a\x00b"}
        if _accepts(told, schema, "array") and isinstance(valid.get(name), list):
            yield f"{name} twice", name, {**valid, name: valid[name] * 2}
            yield f"no entry in {name}", name, {**valid, name: []}
            if all(isinstance(entry, int) for entry in valid[name]):
                yield f"{name} from nowhere", name, {**valid, name: [NOWHERE]}
                yield f"{name} of another record", name, {**valid, name: floor.stranger(row.kind).items()}


def _accepts(told: dict[str, Any], schema: dict[str, Any], kind: str) -> bool:
    if "$ref" in told:
        return _accepts(schema["$defs"][told["$ref"].rsplit("/", 1)[-1]], schema, kind)
    choices = told.get("anyOf", [told])
    return any(
        choice.get("type") == kind or ("$ref" in choice and _accepts(choice, schema, kind))
        for choice in choices
    )


def _refuses_strangers(
    floor: Floor, record: Record, row: Transition, valid: dict[str, Any], before: dict[str, tuple[int, str]]
) -> None:
    """A caller of another location hears what it hears of a missing record, and that is noted."""
    body = {"slug": row.slug, **valid}
    noted = AuditEntry.objects.count()
    foreign = floor.post(record, body, by=floor.elsewhere)
    missing = floor.post(Record(record.kind, NOWHERE), body, by=floor.elsewhere)
    assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content), row.slug
    assert foreign.status_code == 404
    assert AuditEntry.objects.count() == noted + 1
    assert books.changed(before, books.picture()) == [], row.slug


def _acts_once(floor: Floor, record: Record, row: Transition, valid: dict[str, Any]) -> None:
    """Repeated with its key a command answers again and does nothing; repeated without, it finds the record elsewhere."""
    body = {"slug": row.slug, **valid}
    first = floor.post(record, body, Idempotency_Key=f"once-{row.slug}")
    assert first.status_code in (200, 204), first.content
    after = books.picture()
    again = floor.post(record, body, Idempotency_Key=f"once-{row.slug}")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert books.changed(after, books.picture()) == [], row.slug
    if examples.end_of(row) != row.source:
        stale = floor.post(record, body)
        _refused(stale, after, f"{row.slug} repeated")
        assert stale.status_code == 400, stale.content
        assert list(stale.json()) == ["transition"], stale.json()


@pytest.mark.parametrize(("kind", "state"), STATES)
def test_what_no_transition_allows_is_refused_and_changes_nothing(db, kind, state):
    floor = Floor()
    record = floor.put(kind, state)
    others = [row for row in states.active_transitions(kind) if row.source != state]
    assert others
    bodies = {row.slug: {"slug": row.slug, **examples.parameters(row, record)} for row in others}
    before = books.picture()
    for row in others:
        answer = floor.post(record, bodies[row.slug])
        said = f"The {kind} is in {named(kind, state)} now; this transition starts from {named(kind, row.source)}."
        assert (answer.status_code, answer.json()) == (400, {"transition": [said]}), row.slug
    assert books.changed(before, books.picture()) == []


def test_a_command_without_an_example_is_told_of():
    from dataclasses import replace

    row = states.active_transitions("package")[0]
    registry._schemas["UNHEARD_OF"] = {"required": ["moon_phase"]}
    try:
        with pytest.raises(examples.NoExample, match="moon_phase"):
            examples.parameters(replace(row, command_code="UNHEARD_OF"), Record("package", 1))
    finally:
        del registry._schemas["UNHEARD_OF"]
