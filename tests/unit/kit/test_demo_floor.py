"""Which packages the demo's floor walks itself, and which it leaves to the carrier."""

from __future__ import annotations

from typing import Any

import pytest

from ambar.cli.demo import cargo
from ambar.cli.demo.floor import HANDED_OVER, Floor
from ambar.cli.demo.stage import choose_ports


class Shelf:
    """An OMS with packages in one state; keeps the commands it is sent."""

    def __init__(self, state: str, numbers: dict[int, str]) -> None:
        self.state, self.numbers, self.sent = state, numbers, []

    def get(self, path: str, *, state__enum_value: str, **query: Any) -> dict[str, Any]:
        mine = self.numbers if self.state in state__enum_value.split(",") else {}
        return {"results": [{"id": pk, "number": number, "state": self.state} for pk, number in mine.items()]}

    def post(self, path: str, body: dict[str, Any]) -> dict[str, int]:
        self.sent.append(body)
        return {"done": len(body["packages"])}


@pytest.fixture
def numbers():
    carried = next(f"9{n}P1" for n in range(1000) if cargo.takes(f"9{n}P1"))
    walked = next(f"9{n}P1" for n in range(1000) if not cargo.takes(f"9{n}P1"))
    return {1: carried, 2: walked}


def walk(state, numbers, **given):
    shelf = Shelf(state, numbers)
    floor = Floor(shelf, on_error=pytest.fail, **given)
    floor._packages()
    return shelf.sent, floor.done


def test_what_the_carrier_takes_is_packed_for_it(numbers):
    sent, done = walk("200", numbers, with_carrier=True)
    assert [(body["slug"], body["packages"]) for body in sent] == [
        ("complete-packaging-from-preparing", [2]),
        (HANDED_OVER, [1]),
    ]
    assert sent[1]["parameters"] == {"shipping_company": cargo.CODE}
    assert done[HANDED_OVER] == 1


@pytest.mark.parametrize("state", ["500", "600"])
def test_what_the_carrier_has_is_shipped_and_delivered_by_the_carrier_alone(numbers, state):
    sent, _ = walk(state, numbers, with_carrier=True)
    (body,) = sent
    ids = [one if isinstance(one, int) else one["package"] for one in body["packages"]]
    assert ids == [2]


def test_without_a_carrier_the_floor_walks_everything(numbers):
    sent, _ = walk("200", numbers)
    assert [body["packages"] for body in sent] == [[1, 2]]


def test_a_home_made_before_there_was_a_carrier_gets_a_port_for_it(tmp_path):
    (tmp_path / "ports.json").write_text('{"oms": 1, "seller_center": 2, "omnitron": 3}')
    ports = choose_ports(tmp_path)
    assert {name: ports[name] for name in ("oms", "seller_center", "omnitron")} == {
        "oms": 1, "seller_center": 2, "omnitron": 3,
    }  # fmt: skip
    assert choose_ports(tmp_path)["carrier"] == ports["carrier"]


def test_transfers_are_looked_for_again_at_once_only_where_some_moved(monkeypatch):
    asked = []
    floor = Floor(Shelf("waiting", {}), on_error=pytest.fail)
    found = {"waiting": [{"id": 7}]}
    monkeypatch.setattr(floor, "_under_way", lambda path, steps: asked.append(path) or dict(found))
    monkeypatch.setattr(floor, "_run", lambda kind, slug, rows: len(rows))
    assert floor._transfers() == 1
    found.clear()
    assert (floor._transfers(), floor._transfers()) == (0, 0)
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("state", "moved", "rests"),
    [("100", 2, True), ("200", 2, False), ("100", 50, False), ("200", 0, True)],
)
def test_a_floor_that_moved_few_packages_rests_while_new_ones_come(state, moved, rests, numbers):
    floor = Floor(Shelf(state, numbers), on_error=pytest.fail)
    floor._packages()
    assert floor._may_rest(moved) is rests
