"""Trap 20: who is bound to a location neither sees nor touches anything of another; tried on every endpoint there is.

A new endpoint that this file does not know how to try makes it fail.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from ambar.kit import accounts, rest
from ambar.kit.accounts.models import AuditEntry
from ambar.oms import roles
from ambar.oms.api import api
from ambar.oms.commands.models import BulkAction, BulkEntry
from ambar.oms.invoices.models import Invoice
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import CancellationPlan, CancellationRequest
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.shipments.models import Shipment
from ambar.oms.states.models import TransitionLog
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import CUSTOMER, T0, World, build, log_of, package, picture, take
from tests.worlds.oms_transfers import add_location, waiting_package

pytestmark = pytest.mark.django_db


def cancellation_plan_of(package_id: int) -> CancellationPlan:
    """A plan with one request about the first item of this package."""
    item = PackageItem.objects.filter(package_id=package_id).order_by("id")[0]
    plan = CancellationPlan.objects.create(
        source="seller_center",
        upstream_id=1,
        order_id=item.order_id,
        order_upstream_id=1,
        plan_type="cancel",
        status="waiting",
        answer_reason="SECRET",
        upstream_modified_at=T0,
        created_at=T0,
        modified_at=T0,
    )
    CancellationRequest.objects.create(
        plan=plan,
        order_id=item.order_id,
        order_item_id=item.order_item_id,
        origin="plan",
        cancellation_type="cancel",
        quantity=1,
        open_quantity=0,
        status="rejected",
        reason="SECRET",
        created_at=T0,
        modified_at=T0,
    )
    return plan


def bulk_action_of(package_id: int) -> int:
    """An action that somebody bound to nothing started on this package, its outcome told."""
    told = {"package": package_id, "done": False, "code": "invalid", "en": "SECRET"}
    action = BulkAction.objects.create(
        kind="package", slug="SECRET", transition_id=1, records=1, refused=1, state="done", created_at=T0
    )
    BulkEntry.objects.create(of=action, record_id=package_id, is_done=False, verdict=told)
    return action.pk


PARAMETER = re.compile(r"\{(?:int:)?(\w+)\}")
MISSING = 987_654_321
ALL = rest.endpoints(api)
FOREIGN_KEYS = {"package_id", "item_id", "order_id", "plan_id", "shipment_id", "log_id", "location_id", "transfer_id",
                "transfer_item_id", "cancellation_id", "request_id", "invoice_id", "action_id"}  # fmt: skip
"""Path parameters that name a record of one location."""
EVERYBODYS = {"channel_id", "product_id", "state_id", "transition_id", "reason_id"}
"""Path parameters that name what belongs to no location."""
CLOSED = {
    "engine_id",
    "carrier_id",
    "sender_address_id",
    "import_id",
    "key",
    "setting_id",
    "scenario_id",
    "number",
    "row_id",
    "alias_id",
    "report_id",
    "step",
    "reconciliation_id",
    "day",
    "hook_id",
    "replay_id",
    "endpoint_id",
    "received_id",
}
"""Path parameters of endpoints that no role for a location may call."""
TRIED_WITHOUT_ID = {
    "POST /auth/login/",
    "POST /oms/packages/bulk-command/",
    "POST /oms/transfer_orders/bulk-command/",
}
"""Writing endpoints without an id in the path that the role may call; each has a test of its own."""
BODIES = {
    "/packages/{int:package_id}/command/": {"slug": "deallocate-reservations"},
    "/transfer_orders/{int:transfer_id}/command/": {"slug": "transfer-dispatch-from-waiting"},
}


class Foreign:
    """Two locations with a package each; every text of the second holds the word SECRET."""

    def __init__(self) -> None:
        self.world: World = build()
        st1 = self.world.locations["ST1"]
        StockLocation.objects.filter(pk=st1).update(name="SECRET store", erp_code="SECRET-ST")
        order = take(self.world, number="SECRET-77", customer={**CUSTOMER, "first_name": "SECRET"})
        self.package = package(self.world, at="ST1", order_id=order)
        self.own = package(self.world)
        planner = caller("planner", username="somebody")
        for slug in ("complete-packaging-from-waiting", "shipment-order"):
            body = {"slug": slug, **({"tracking_number": "SECRET"} if slug == "shipment-order" else {})}
            assert planner.post(f"/packages/{self.package.id}/command/", body).status_code == 204
        add_location(self.world, "ST2", name="SECRET two", erp_code="SECRET-2")
        _, (self.transfer,) = waiting_package(self.world, sources=("ST2",), at="ST1")
        invoice = {"slug": "update-invoice-shipped", "invoice_number": "SECRET"}
        assert planner.post(f"/packages/{self.package.id}/command/", invoice).status_code == 204
        log = TransitionLog.objects.filter(kind="package", object_id=self.package.id).order_by("id")[0]
        plan = cancellation_plan_of(self.package.id)
        self.ids = {
            "cancellation_id": plan.pk,
            "request_id": plan.cancellationrequest_set.get().pk,
            "package_id": self.package.id,
            "item_id": PackageItem.objects.filter(package_id=self.package.id)[0].pk,
            "order_id": order,
            "plan_id": order,
            "shipment_id": Shipment.objects.get().pk,
            "invoice_id": Invoice.objects.get().pk,
            "log_id": log.pk,
            "location_id": st1,
            "transfer_id": self.transfer.id,
            "transfer_item_id": self.transfer.item_ids[0],
            "action_id": bulk_action_of(self.package.id),
        }

    @property
    def bounds(self) -> dict[str, list[int]]:
        return {"location_ids": [self.world.locations["WH1"]]}


@pytest.fixture
def foreign(db: None) -> Foreign:
    return Foreign()


@pytest.fixture
def operator(foreign: Foreign) -> Caller:
    return caller("location_operator", **foreign.bounds)


def send(one: Caller, method: str, path: str, body: Any = None) -> Any:
    assert path.startswith("/")
    return one.client.generic(
        method,
        f"/api/v1{path}",
        rest.dumps(body) if body is not None else b"",
        content_type="application/json",
        headers=one.headers,
    )


def test_every_endpoint_is_known_here():
    assert len(ALL) > 80
    names = {name for e in ALL for name in PARAMETER.findall(e.path)}
    assert names == FOREIGN_KEYS | EVERYBODYS | CLOSED
    held = roles.SCOPES["location_operator"]
    writing = {
        f"{e.method} {e.path}"
        for e in ALL
        if e.method != "GET"
        and not PARAMETER.search(e.path)
        and (set(e.scopes) <= held or e.scopes == ("public",))
    }
    assert writing == TRIED_WITHOUT_ID


def test_no_role_for_a_location_may_call_what_belongs_to_all():
    held = roles.SCOPES["location_operator"]
    open_to_it = [e.path for e in ALL if set(PARAMETER.findall(e.path)) & CLOSED and set(e.scopes) <= held]
    assert open_to_it == []


def test_lists_hold_nothing_of_another_location(foreign, operator):
    tried = 0
    for endpoint in ALL:
        if endpoint.method != "GET" or PARAMETER.search(endpoint.path):
            continue
        answer = send(operator, "GET", endpoint.path)
        assert answer.status_code in (200, 400, 403), (endpoint.path, answer.content)
        assert "SECRET" not in answer.content.decode(), endpoint.path
        tried += answer.status_code == 200
    assert tried >= 12


@pytest.mark.parametrize("role", ["location_operator", "planner", "integration"])
def test_an_id_of_another_location_answers_exactly_like_a_missing_one_and_is_audited(foreign, role):
    one = caller(role, username="bound", **foreign.bounds)
    before = picture(foreign.package.id)
    audited = set()
    for endpoint in ALL:
        names = PARAMETER.findall(endpoint.path)
        if not names or names[0] not in FOREIGN_KEYS:
            continue
        (name,) = names
        body = next((b for end, b in BODIES.items() if endpoint.path.endswith(end)), {})
        answers = []
        for pk in (foreign.ids[name], MISSING, 2**70):
            path = PARAMETER.sub(str(pk), endpoint.path)
            got = send(one, endpoint.method, path, None if endpoint.method == "GET" else body)
            answers.append((got.status_code, got.content))
        assert answers[0] == answers[1] == answers[2], (endpoint.path, answers)
        assert answers[0][0] in (404, 403), (endpoint.path, answers)
        if answers[0][0] == 404:
            audited.add((endpoint.method, endpoint.path))
    assert picture(foreign.package.id) == before
    entries = AuditEntry.objects.filter(username="bound", action__contains="foreign")
    assert entries.count() == len(audited) >= 7, audited
    assert {e.object_id for e in entries} <= set(foreign.ids.values())


def test_filters_do_not_reach_another_locations_rows(foreign, operator):
    ids = foreign.ids
    asked = {
        "/oms/packages/": f"number={foreign.package.number}&stock_location={ids['location_id']}",
        "/oms/packages/short/": f"order={ids['order_id']}&order__number=SECRET-77",
        "/oms/orders/": f"number=SECRET-77&id__in={ids['order_id']}",
        "/oms/stock/": f"stock_location={ids['location_id']}",
        "/oms/stocklocations/": "erp_code=SECRET-ST",
        "/oms/transfer_orders/": f"erp_code=SECRET-ST&pk__in={ids['transfer_id']}",
        "/oms/transfer_orders/minimal/": f"source__erp_code=SECRET-2&package_number={foreign.package.number}",
        "/oms/transfer-items/": f"transfer_order={ids['transfer_id']}",
        "/oms/state-transition-logs/": f"object_id={ids['package_id']}&content_type=26",
    }
    for path, query in asked.items():
        answer = send(operator, "GET", f"{path}?{query}")
        assert (answer.status_code, answer.json()["count"]) == (200, 0), (path, answer.content)


def test_a_bulk_command_moves_only_the_own_package(foreign, operator):
    before = Package.objects.values().get(pk=foreign.package.id), log_of(foreign.package.id)
    body = {"slug": "deallocate-reservations", "packages": [foreign.package.id, foreign.own.id, MISSING]}
    verdicts = send(operator, "POST", "/oms/packages/bulk-command/", body).json()["verdicts"]
    assert [(v["package"], v["done"], v.get("code")) for v in verdicts] == [
        (foreign.package.id, False, "not_found"),
        (foreign.own.id, True, None),
        (MISSING, False, "not_found"),
    ]
    assert (Package.objects.values().get(pk=foreign.package.id), log_of(foreign.package.id)) == before


def test_who_is_bound_to_no_location_at_all_sees_nothing(foreign):
    lost = caller("location_operator", location_ids=[])
    for path in (
        "/packages/",
        "/orders/",
        "/shipments/",
        "/transfer_orders/",
        "/transfer-items/",
        "/stock/",
        "/stocklocations/",
        "/state-transition-logs/",
    ):
        assert lost.get(path).json()["count"] == 0, path


def test_a_row_that_does_not_exist_leaves_no_entry_and_nobody_unbound_leaves_any(foreign):
    caller("planner").get(f"/packages/{MISSING}/")
    caller("location_operator", **foreign.bounds).get(f"/packages/{MISSING}/")
    assert AuditEntry.objects.filter(action__contains="foreign").count() == 0
    assert accounts.ROLES.keys() >= {"location_operator", "planner", "integration", "admin"}
