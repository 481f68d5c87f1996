"""Digests of sets and the way down: random worlds compared against plain comparing, and what a comparison costs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ambar.kit.agreement import EMPTY, disagreeing, from_wire, sum_of


class Held:
    """A side over a dictionary key → (day, text): parts by day, then by hexadecimal digits of the key.

    The day belongs to what is compared, as whatever places a row does.
    """

    FINEST = 5

    def __init__(self, rows: Mapping[str, tuple[str, str]]) -> None:
        self.held = rows
        self.requests = 0

    def _path(self, key: str, length: int) -> tuple[str, ...]:
        digits = hashlib.md5(key.encode()).hexdigest()
        return (self.held[key][0], *(digits[: 2 * n] for n in range(1, length)))

    def _below(self, place: tuple[str, ...]) -> list[str]:
        return [key for key in self.held if self._path(key, max(1, len(place)))[: len(place)] == place]

    def sums(self, place):
        self.requests += 1
        parts: dict[tuple[str, ...], list[str]] = {}
        for key in self._below(place):
            parts.setdefault(self._path(key, len(place) + 1), []).append(f"{key}|{self.held[key][1]}")
        return {part: sum_of(texts) for part, texts in parts.items()}

    def rows(self, places: Sequence[tuple[str, ...]]):
        self.requests += 1
        return {key: "|".join(self.held[key]) for place in places for key in self._below(place)}

    def is_finest(self, place):
        return len(place) >= self.FINEST


def compared(ours: Held, theirs: Held, **sizes: int) -> tuple[set[str], int]:
    steps = list(disagreeing(ours, theirs, **sizes))
    return {key for step in steps for key in step.keys}, sum(step.rows for step in steps)


ROW = st.tuples(st.sampled_from(["d1", "d2", "d3"]), st.text("ab", max_size=2))
WORLD = st.dictionaries(st.text("0123456789", min_size=1, max_size=3), ROW, max_size=40)


@settings(max_examples=200)
@given(
    mine=WORLD,
    changed=WORLD,
    lost=st.sets(st.text("0123456789", min_size=1, max_size=3)),
    leaf=st.integers(1, 8),
)
def test_the_way_down_names_exactly_the_rows_that_differ(mine, changed, lost, leaf):
    """Every key whose day or text is not the same on both sides, and no other, however small the leaves are."""
    theirs = {key: row for key, row in {**mine, **changed}.items() if key not in lost}
    found, _ = compared(Held(mine), Held(theirs), leaf=leaf, batch=2 * leaf)
    texts = {key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)}
    assert found == texts


def test_equal_sides_cost_one_request_each_and_every_row_is_counted():
    rows = {str(n): ("d1" if n % 2 else "d2", "x") for n in range(1000)}
    ours, theirs = Held(rows), Held(dict(rows))
    assert compared(ours, theirs) == (set(), 1000)
    assert (ours.requests, theirs.requests) == (1, 1)


def test_one_changed_row_is_found_in_a_few_requests():
    rows = {str(n): ("d1", "x") for n in range(3000)}
    ours, theirs = Held(rows), Held({**rows, "1234": ("d1", "y")})
    found, _ = compared(ours, theirs, leaf=20)
    assert found == {"1234"}
    assert theirs.requests <= 4


def test_a_place_too_fine_to_part_is_read_however_many_rows_it_holds():
    rows = {str(n): ("d1", "x") for n in range(50)}
    ours, theirs = Held(rows), Held({**rows, "7": ("d1", "y")})
    ours.FINEST = theirs.FINEST = 1
    assert compared(ours, theirs, leaf=5)[0] == {"7"}


def test_no_request_names_more_places_than_an_answer_takes():
    rows = {str(n): (f"d{n:04}", "x") for n in range(450)}
    ours, theirs = Held(rows), Held({key: (day, "y") for key, (day, _) in rows.items()})
    asked = []
    read = theirs.rows
    theirs.rows = lambda places: asked.append(len(places)) or read(places)
    assert compared(ours, theirs)[0] == set(rows)
    assert asked == [100, 100, 100, 100, 50]


def test_a_sum_does_not_depend_on_the_order_and_tells_a_lost_row():
    assert sum_of(["a", "b", "c"]) == sum_of(["c", "a", "b"])
    assert sum_of(["a", "b"]) != sum_of(["a", "b", "c"])
    assert sum_of([]) == EMPTY


def test_the_wire_form_is_read_back_and_anything_else_is_refused():
    one = sum_of(["N-1|100|1"])
    assert from_wire(one.count, one.hex) == one
    for count, digest in (
        (True, one.hex),
        (-1, one.hex),
        ("1", one.hex),
        (1, "abc"),
        (1, None),
        (1, "g" * 16),
    ):
        with pytest.raises(ValueError):
            from_wire(count, digest)
