"""`docs/howto/run-a-warehouse-by-api.md`, call by call: what stands there is sent, and answered so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ambar.kit import accounts, work
from ambar.oms.catalogue.models import Product
from tests.worlds import oms_upstream as upstream
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import build

PAGE = Path(__file__).resolve().parents[3] / "docs/howto/run-a-warehouse-by-api.md"
CALL = re.compile(
    r"```http (planner|operator)\n(\w+) (\S+)\n(?:Prefer: (\S+)\n)?(.*?)---\n(\d+)(.*?)\n```", re.DOTALL
)
NAME = re.compile(r'"?\{(\w+)\}"?')
FIRST = 7001


class Day:
    """The ids that were told, and the orders that came."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.orders: list[dict[str, Any]] = []

    def written(self, text: str) -> str:
        """The text with the ids of this installation."""
        return NAME.sub(lambda found: str(self.known[found[1]]), text)

    def body(self, text: str) -> Any:
        if text == "@order.json":
            self.orders.append(
                upstream.order(FIRST + len(self.orders), number=f"A{FIRST + len(self.orders)}")
            )
            return self.orders[-1]
        if text == "@plan.json":
            of = next(one for one in self.orders if one["number"] == self.known["moved"])
            items = [{"order_item": item["pk"], "quantity": None} for item in of["orderitem_set"]]
            plan = {"pk": 5, "plan_type": "cancel", "status": "waiting", "order": {"pk": of["pk"]}}
            plan |= {"modified_date": of["modified_date"], "cancellationplanorderitem_set": items}
            return {"event": {"type": "cancellation_plan.created", "uuid": "5" * 32}, "payload": plan}
        return json.loads(self.written(text))

    def agrees(self, told: Any, answered: Any, where: str) -> None:
        """What the page tells of the answer is so; a name that stands there for the first time is kept."""
        if isinstance(told, dict):
            for key, value in told.items():
                assert key in answered, where
                self.agrees(value, answered[key], f"{where} {key}")
        elif isinstance(told, list):
            assert not told or len(answered) >= len(told), (where, answered)
            for place, value in enumerate(told):
                self.agrees(value, answered[place], f"{where} {place}")
        elif isinstance(told, str) and (name := NAME.fullmatch(told)):
            assert self.known.setdefault(name[1], answered) == answered, where
        else:
            assert answered == told, (where, answered)


@pytest.mark.django_db
def test_the_day_on_the_page_goes_as_the_page_says():
    world = build(stock_of_each=0)
    upstream.teach_places()
    Product.objects.filter(sku="SKU-A").update(sku="AMB-TSH-001-M")
    Product.objects.filter(sku="SKU-B").update(sku="AMB-MUG-004")
    everything = accounts.ensure_user("planner", "a long password 1", ["planner", "admin"])
    callers = {
        "planner": Caller(accounts.issue_token(everything, name="test")),
        "operator": caller("location_operator", location_ids=[world.locations["ST1"]]),
    }
    day, calls = Day(), CALL.findall(PAGE.read_text())
    assert len(calls) == PAGE.read_text().count("```http")
    for who, method, path, prefer, body, status, told in calls:
        by = callers[who]
        url, headers = day.written(path), {"Prefer": prefer} if prefer else {}
        answer = by.post(url, day.body(body.strip()), **headers) if method == "POST" else by.get(url)
        where = f"{method} {url}: {answer.status_code} {answer.content[:400]!r}"
        assert answer.status_code == int(status), where
        if told.strip().startswith("{"):
            day.agrees(json.loads(told), answer.json(), where)
        elif told.strip():
            assert answer["Content-Type"] == told.strip(), where
        for loop in ("planner", "inbox_plans", "cancellations", "bulk_actions"):
            work.run_loop(loop)
    assert set(day.known) >= {"package", "near", "both", "back"}
