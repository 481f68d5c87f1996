from __future__ import annotations

import pytest

from ambar.oms.states import registry
from ambar.oms.states.domain import seed
from ambar.oms.states.domain.fits import CommandFit
from ambar.oms.states.domain.life import LIVES, Life, OwnMove
from ambar.oms.states.domain.soundness import Arrow, examine

NAMES = {"1": "One", "2": "Two", "3": "Three"}
LIFE = Life(born=frozenset({"1"}), final=frozenset({"3"}), own_moves=())
FIT = CommandFit(
    code="GO", kind="package", title="Go", pairs=frozenset((a, b) for a in NAMES for b in NAMES if a != b)
)


def arrow(source: str, destination: str, **changed: str) -> Arrow:
    given = {
        "slug": f"go-{source}-{destination}",
        "command_code": "GO",
        "visibility": "everywhere",
        **changed,
    }
    return Arrow(id=1, name="Go", source=source, destination=destination, **given)


def told(
    *arrows: Arrow, life: Life = LIFE, fits: tuple[CommandFit, ...] = (FIT,)
) -> list[tuple[str, str | None]]:
    found = examine("package", names=NAMES, arrows=arrows, life=life, fits=fits)
    return [(f.code, f.state or f.slug) for f in found]


def test_a_way_from_birth_to_an_end_is_sound():
    assert told(arrow("1", "2"), arrow("2", "3")) == []


def test_a_state_nobody_reaches_is_named():
    assert told(arrow("1", "3"), arrow("2", "3")) == [("unreachable_state", "2")]


def test_a_circle_that_only_leads_to_itself_is_not_reached():
    fault = told(arrow("1", "1"), arrow("2", "3"), arrow("3", "2"), fits=(FIT,))
    assert ("unreachable_state", "2") in fault and ("unreachable_state", "3") in fault


def test_a_state_that_nothing_leaves_is_a_dead_end():
    assert told(arrow("1", "2"), arrow("1", "3")) == [("dead_end", "2")]


def test_a_circle_without_a_way_out_is_told_from_a_dead_end():
    rows = [arrow("1", "2"), arrow("2", "1")]
    assert told(*rows) == [("no_way_to_an_end", "1"), ("no_way_to_an_end", "2"), ("unreachable_state", "3")]


def test_only_hidden_ways_on_are_told():
    assert told(arrow("1", "2"), arrow("2", "3", visibility="hidden")) == [("left_unseen", "2")]
    assert told(arrow("1", "2"), arrow("2", "3", visibility="api")) == [("left_unseen", "2")]


def test_what_happens_by_itself_is_a_way():
    moves = (OwnMove(source="2", destination="3", names=("By itself", "Kendiliğinden")),)
    life = Life(born=LIFE.born, final=LIFE.final, own_moves=moves)
    assert told(arrow("1", "2"), life=life) == []


def test_a_row_whose_command_is_gone_or_does_not_fit_is_told_and_leads_nowhere():
    narrow = CommandFit(code="GO", kind="package", title="Go", pairs=frozenset({("1", "2")}))
    assert told(arrow("1", "2"), arrow("2", "3"), fits=(narrow,)) == [
        ("command_does_not_fit", "go-2-3"),
        ("dead_end", "2"),
        ("unreachable_state", "3"),
    ]
    assert ("unknown_command", "go-1-2") in told(arrow("1", "2", command_code="GONE"), arrow("1", "3"))


def test_a_command_no_row_carries_is_told():
    other = CommandFit(code="OTHER", kind="package", title="Other", pairs=frozenset({("1", "2")}))
    assert told(arrow("1", "2"), arrow("2", "3"), fits=(FIT, other)) == [("command_without_transition", None)]


SEEDED = {
    "package": ("PackageStatus", seed.PACKAGE_TRANSITIONS),
    "transfer": ("TransferStatus", seed.TRANSFER_TRANSITIONS),
}


def seeded(kind: str, *, without: str = "") -> set[tuple[str, str | None]]:
    enum_class, rows = SEEDED[kind]
    arrows = [
        Arrow(id=n, slug=row[0], name=row[1], command_code=row[3], source=row[4], destination=row[5])
        for n, row in enumerate(rows)
        if without not in (row[4], row[5])
    ]
    names = {value: both[0] for value, both in seed.STATE_NAMES[enum_class].items()}
    found = examine(kind, names=names, arrows=arrows, life=LIVES[kind], fits=registry.fits(kind=kind))
    return {(f.code, f.state or f.slug) for f in found}


@pytest.mark.parametrize("kind", ["package", "transfer"])
def test_the_seeded_rows_raise_no_false_alarm(kind):
    missing = set()
    if not any(row[4] == "800" for row in seed.PACKAGE_TRANSITIONS) and kind == "package":
        missing.add(("dead_end", "800"))
    assert seeded(kind) == missing


def test_a_seed_without_what_leads_to_shipped_is_found_out():
    assert {("dead_end", "500"), ("unreachable_state", "600")} & seeded("package", without="600")
