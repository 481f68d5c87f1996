"""A Seller Center to compare with, held in memory and asked over HTTP: its packages and orders can be damaged at will."""

from __future__ import annotations

import copy
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from ambar.kit import accounts, clock
from ambar.kit.agreement import sum_of
from ambar.kit.outbox.models import Hook
from ambar.oms.packages.domain import events
from ambar.oms.upstream import store as upstream_store
from tests.worlds import oms_upstream as world
from tests.worlds.handover_orders import micros, order_mark

PREFIX = "/api/v1/applications/oms"
Query = dict[str, list[str]]


class Partner:
    """What the Seller Center has: `packages` by number as it details them, `orders` by id as it lists them."""

    def __init__(self, upstream: world.FakeUpstream) -> None:
        self.upstream = upstream
        self.base_url = f"{upstream.base}{PREFIX}"
        self.packages: dict[str, dict[str, Any]] = {}
        self.orders: dict[int, dict[str, Any]] = {}
        self.waiting: dict[str, int] = {}
        self.is_older = False
        self.knows_orders = True
        self.knows_statuses = True
        self.window: dict[str, Any] = {
            "received": 0,
            "applied": 0,
            "late": 0,
            "waiting": 0,
            "parked": 0,
            "applied_twice": 0,
        }
        self.given_back: list[dict[str, Any]] = []
        for name, route in {
            "handover/": lambda query, body: (200, self.summary()),
            "handover/packages/digests/": self._package_digests,
            "handover/packages/rows/": self._package_rows,
            "handover/packages/details/": self._details,
            "handover/orders/digests/": self._order_digests,
            "handover/orders/rows/": self._order_rows,
            "orders/": self._orders,
        }.items():
            upstream.routes["GET", f"{PREFIX}/{name}"] = route

    def take_back(self) -> None:
        """Be one that takes lost orders back; those whose notes say so are refused."""

        def route(query: Query, body: Any) -> world.Answer:
            rows = []
            for record in body["orders"]:
                refused = record["notes"] == "refuse"
                if not refused:
                    self.offer(record)
                outcome, reason = ("refused", "Not sealed.") if refused else ("restored", "")
                rows.append({"id": record["pk"], "outcome": outcome, "reason": reason})
            return 200, {"results": rows}

        self.upstream.routes["POST", f"{PREFIX}/handover/orders/"] = route

    def take_reports(self) -> None:
        """Be one that takes statuses of lines, and says which versions that makes of their orders."""

        def route(query: Query, body: Any) -> world.Answer:
            wanted = {row["id"]: int(row["status"]) for row in body["orderitem_set"]}
            lines = [line for record in self.orders.values() for line in record["orderitem_set"]]
            stuck = [line["pk"] for line in lines if int(line["status"]) > wanted.get(line["pk"], 999)]
            stuck += [line["pk"] for line in lines if line["status"] == "100" and line["pk"] in wanted]
            if stuck:
                return 400, {"orderitem_set": [f"Order item {pk} may not go back." for pk in stuck]}
            versions = []
            for record in self.orders.values():
                lines = [line for line in record["orderitem_set"] if line["pk"] in wanted]
                if lines:
                    versions.append(_moved(record, lines, wanted))
            rows = [{"id": pk, "status": str(status)} for pk, status in wanted.items()]
            return 200, {"orderitem_set": rows, "orders": versions}

        self.upstream.routes["PATCH", f"{PREFIX}/order_items/bulk_status_update/"] = route

    def close_handover(self) -> None:
        """Become a Seller Center of somebody else: without hand-over endpoints."""
        for method, path in list(self.upstream.routes):
            if "/handover/" in path:
                del self.upstream.routes[method, path]

    def requests(self) -> int:
        """How many requests have been made to it."""
        return len(self.upstream.requests)

    def summary(self) -> dict[str, Any]:
        applied = {"received": len(self.packages), "applied": len(self.packages), "late": 0, "repeats": 0}
        return {
            "orders": {"offered": len(self.orders)},
            "events": {"package.created": {**applied, "waiting": 0, "parked": 0}},
            "packages": {"by_status": {}, "by_state": {}, "default": 0},
            "window": self.window,
        }

    def hear(self) -> int:
        """Take everything the OMS has to tell this side, as its deliveries would bring it; how many events."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT d.id, e.type, e.sequence, e.payload FROM outbox_delivery d JOIN outbox_event e ON e.id = d.event_id"
                " JOIN outbox_hook h ON h.id = d.hook_id WHERE d.state = 0 AND h.target_url LIKE %s ORDER BY d.id",
                [f"{self.base_url}%"],
            )
            rows = cursor.fetchall()
            for _, _, sequence, payload in rows:
                self.apply(json.loads(payload), sequence)
            cursor.execute(
                "UPDATE outbox_delivery SET state = 1, delivered_at = now() WHERE id = ANY(%s)",
                [[row[0] for row in rows]],
            )
        self.window.update(
            received=self.window["received"] + len(rows), applied=self.window["applied"] + len(rows)
        )
        return len(rows)

    def apply(self, payload: dict[str, Any], sequence: int) -> None:
        known = self.packages.get(payload["number"])
        if known is not None and sequence <= known["sequence"]:
            return
        self.packages[payload["number"]] = {
            "number": payload["number"],
            "state": int(payload["state"]["enum_value"]),
            "state_name": payload["state"]["name"],
            "sequence": sequence,
            "order": payload["order_omnitron_id"],
            "order_number": payload["order_number"],
            "remote_id": payload["id"],
            "amount": payload["amount"],
            "currency": payload["currency"],
            "location_name": payload["stock_location"]["name"],
            "shipping_company": payload["shipping_company"],
            "tracking_numbers": _numbers(known, payload),
            "invoice_number": payload["invoice_number"],
            "created_date": payload["created_date"],
            "modified_date": payload["modified_date"],
            "items": [
                {
                    "remote_id": item["id"],
                    "order_item": item["order_item"]["omnitron_id"],
                    "sku": item["order_item"]["product"]["sku"],
                    "quantity": item["quantity"],
                    "state": int(item["state"]),
                }
                for item in payload["packageitem_set"]
            ],
            "event": copy.deepcopy(payload),
            "waiting": 0,
        }

    def offer(self, *records: dict[str, Any]) -> None:
        """Hold these orders."""
        for record in records:
            self.orders[record["pk"]] = record

    def _place(self, one: dict[str, Any], digits: int) -> str:
        under = hashlib.md5(one["number"].encode()).hexdigest()[:digits]
        return f"{one['created_date'][:10]}/{one['state']}" + (f"/{under}" if under else "")

    def _within(self, place: str) -> list[dict[str, Any]]:
        return [one for one in self.packages.values() if self._place(one, 6).startswith(place)]

    def _package_digests(self, query: Query, body: Any) -> world.Answer:
        if self.is_older and "fields" in query:
            return 400, {"fields": ["Unknown parameter."]}
        groups: dict[str, list[str]] = {}
        marks: dict[str, list[str]] = {}
        for one in self._within(query.get("place", [""])[0]):
            place = self._place(one, int(query["digits"][0]))
            groups.setdefault(place, []).append(f"{one['number']}|{one['state']}|{one['sequence']}")
            marks.setdefault(place, []).append(f"{one['number']}|{mark(one)}")
        answer = _digests(groups)
        for row in answer["results"] if "fields" in query else []:
            row["fields"] = sum_of(marks[row["place"]]).hex
        return 200, answer

    def _package_rows(self, query: Query, body: Any) -> world.Answer:
        rows = [one for place in query.get("place", [""]) for one in self._within(place)]
        return 200, {
            "results": [
                [one["number"], one["state"], one["sequence"], *([mark(one)] if "fields" in query else [])]
                for one in rows
            ]
        }

    def _details(self, query: Query, body: Any) -> world.Answer:
        numbers, orders = query.get("number", []), [int(pk) for pk in query.get("order", [])]
        rows = [one for one in self.packages.values() if one["number"] in numbers or one["order"] in orders]
        return 200, {"results": [{**one, "waiting": self.waiting.get(one["number"], 0)} for one in rows]}

    def _order_digests(self, query: Query, body: Any) -> world.Answer:
        if "fields" in query and (self.is_older or not self.knows_orders):
            return 400, {"fields": ["Unknown parameter."]}
        depth = int(query.get("fields", ["0"])[0])
        if depth > 1 and not self.knows_statuses:
            return 400, {"fields": ["Must be one of 0, 1."]}
        bits = int(query["bits"][0])
        low, high = _range(query.get("place", [f"0-{2**62}"])[0])
        groups: dict[str, list[str]] = {}
        marks: dict[str, list[str]] = {}
        for pk, record in self.orders.items():
            if low <= pk < high:
                place = f"{pk >> bits << bits}-{((pk >> bits) + 1) << bits}"
                groups.setdefault(place, []).append(f"{pk}|{micros(record['modified_date'])}")
                if depth:
                    marks.setdefault(place, []).append(f"{pk}|{order_mark(record, depth)}")
        answer = _digests(groups)
        for row in answer["results"] if "fields" in query else []:
            row["fields"] = sum_of(marks[row["place"]]).hex
        return 200, answer

    def _order_rows(self, query: Query, body: Any) -> world.Answer:
        rows = [
            [
                pk,
                self.orders[pk]["modified_date"],
                sum(one["order"] == pk for one in self.packages.values()),
                *([order_mark(self.orders[pk], int(query["fields"][0]))] if "fields" in query else []),
            ]
            for low, high in map(_range, query["place"])
            for pk in sorted(self.orders)
            if low <= pk < high
        ]
        return 200, {"results": rows}

    def _orders(self, query: Query, body: Any) -> world.Answer:
        wanted = [int(pk) for pk in query["pk__in"][0].split(",")]
        rows = [self.orders[pk] for pk in wanted if pk in self.orders]
        return 200, {"count": len(rows), "next": None, "previous": None, "results": rows}


def mark(one: dict[str, Any]) -> str:
    """What a package's other fields come to (`contracts/handover/packages.rows.fields.json`)."""
    numbers = one["tracking_numbers"] if 600 <= one["state"] <= 740 else []
    bag = sum_of(f"{item['sku']}|{item['quantity']}" for item in one["items"])
    place = "" if one["state"] in (700, 740, 900, 910, 1100) else one["location_name"]
    parts = (
        one["amount"], one["shipping_company"] or "", one["invoice_number"] or "", *(numbers[-1:] or [""]), place,
        f"{bag.count}:{bag.hex}",
    )  # fmt: skip
    return hashlib.md5("|".join(parts).encode()).hexdigest()[:16]


def _numbers(known: dict[str, Any] | None, payload: dict[str, Any]) -> list[str]:
    before = known["tracking_numbers"] if known else []
    told = (payload["shipment"] or {}).get("awb_number")
    return [*before, told] if told and told not in before else before


def _moved(record: dict[str, Any], lines: list[dict[str, Any]], wanted: dict[int, int]) -> dict[str, Any]:
    """The record's lines in the statuses wanted, its own following them, in a new version where that is a change."""
    before = record["modified_date"]
    statuses = [str(record["status"]), *(str(line["status"]) for line in record["orderitem_set"])]
    for line in lines:
        line["status"] = str(wanted[line["pk"]])
    alive = [int(line["status"]) for line in record["orderitem_set"] if int(line["status"]) != 100]
    record["status"] = str(max(int(record["status"]), min(alive)))
    if [record["status"], *(line["status"] for line in record["orderitem_set"])] != statuses:
        record["modified_date"] = clock.iso(clock.parse(before) + timedelta(seconds=1))
    return {
        "pk": record["pk"], "status": record["status"], "previous_modified_date": before,
        "modified_date": record["modified_date"],
    }  # fmt: skip


def _range(place: str) -> tuple[int, int]:
    low, _, high = place.partition("-")
    return int(low), int(high)


def _digests(groups: dict[str, list[str]]) -> dict[str, Any]:
    sums = {place: sum_of(texts) for place, texts in groups.items()}
    return {
        "results": [
            {"place": place, "count": one.count, "digest": one.hex} for place, one in sorted(sums.items())
        ]
    }


@contextmanager
def partner(monkeypatch: Any) -> Iterator[Partner]:
    """A partner that this OMS is set up with: settings, the nine hooks, and everything of upstream read."""
    with world.serving() as fake:
        allowed = os.environ.get("AMBAR_ALLOWED_TARGETS", "")
        monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", f"{allowed},{urlsplit(fake.base).netloc}")
        made = Partner(fake)
        world.configure("OMNITRON_CLIENT_SETTINGS", world.client_settings(fake.base))
        world.teach_places()
        listen(made.base_url)
        read_up_to(clock.now())
        yield made
        world.forget()


def listen(base_url: str, *, at: datetime = world.NOW) -> None:
    """The nine package hooks of a Seller Center."""
    user = accounts.ensure_user("hooks", "a-long-password", [], {})
    for type_ in sorted(events.HEARD):
        path = "packages/" if type_ == events.CREATED else "packages/update-status/"
        Hook.objects.create(
            user=user, target_url=f"{base_url}/{path}", event_type=type_, created_at=at, modified_at=at,
            retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 1}},
        )  # fmt: skip


def read_up_to(moment: datetime) -> None:
    """The pull has read everything modified up to then."""
    stream = upstream_store.begin(world.SOURCE, "orders", now=moment)
    upstream_store.advance(stream.id, at=moment, pk=1, taken=0)


def lose(numbers: list[str]) -> None:
    """Delete packages of the OMS, their lines too, as a lost table page would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM oms_packages_packageitem WHERE package_id IN (SELECT id FROM oms_packages_package WHERE number = ANY(%s))",
            [numbers],
        )
        cursor.execute("DELETE FROM oms_packages_package WHERE number = ANY(%s)", [numbers])


def lose_order(order_id: int) -> None:
    """Delete an order of the OMS with its packages and lines."""
    with connection.cursor() as cursor:
        for table, column in (
            ("oms_packages_packageitem", "order_id"),
            ("oms_packages_package", "order_id"),
            ("oms_orders_orderchange", "order_id"),
            ("oms_orders_orderitem", "order_id"),
            ("oms_orders_order", "id"),
        ):
            cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [order_id])
