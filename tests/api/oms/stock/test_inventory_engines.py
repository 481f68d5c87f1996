"""Inventory engines over REST: as documented, passwords masked, addresses guarded."""

import pytest

from ambar.kit.accounts.models import AuditEntry
from ambar.oms.stock import engines
from ambar.oms.stock.actions.ask_engines import ask_engines
from ambar.oms.stock.models import Engine
from tests.worlds.callers import ROOT, caller
from tests.worlds.oms_planning import NOW, make_locations, make_products
from tests.worlds.stock_service import Service

pytestmark = pytest.mark.django_db
ENGINES = "/inventory-engines/"


@pytest.fixture
def service(monkeypatch):
    one = Service()
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", one.address)
    yield one
    one.close()


@pytest.fixture
def planner():
    return caller("planner")


def config(service, password="sesame 1", **changed):
    auth = {"type": "basic_auth", "username": "oms", "password": password}
    return {"auth": auth, "service": {"url": service.url, "type": "multiple", **changed}}


def delete(one, path):
    return one.client.delete(ROOT + path, headers=one.headers)


def test_an_engine_is_created_pointed_to_changed_tried_and_deleted(planner, service):
    (place,) = make_locations(1)
    make_products(1)
    answer = planner.post(ENGINES, {"name": "ERP", "config": config(service), "timeout_seconds": 3})
    made = answer.json()
    assert answer.status_code == 201, made
    assert made["config"] == config(service, password="********")
    assert (made["kind"], made["timeout_seconds"], made["max_age_seconds"], made["stock_locations"]) == (
        "http",
        3,
        60,
        0,
    )
    one = f"{ENGINES}{made['id']}/"
    assert "sesame" not in str(Engine.objects.get(pk=made["id"]).config)
    shown = planner.patch(f"/stocklocations/{place}/", {"engine": made["id"]}).json()
    assert shown["engine"] == made["id"]
    assert planner.get(one).json()["stock_locations"] == 1

    service.stock = {"SKU-00001": {"WH001": 5, "NOWHERE": 2}}
    tried = planner.post(f"{one}try/", {"sku": "SKU-00001"}).json()
    assert (tried["answered"], tried["failure"]) == (True, "")
    assert tried["stock"] == [
        {"stock_location": "NOWHERE", "stock": "2", "known": False, "points_here": False},
        {"stock_location": "WH001", "stock": "5", "known": True, "points_here": True},
    ]
    assert planner.get("/stock/").json()["count"] == 0
    service.behave = lambda _: (503, b"", {})
    tried = planner.post(f"{one}try/", {"sku": "SKU-00001"}).json()
    assert (tried["answered"], tried["failure"], tried["stock"]) == (False, "status 503", [])

    changed = planner.patch(one, {"name": "SAP", "config": config(service, password="********")}).json()
    assert (changed["name"], service.headers[-1]["Authorization"]) == ("SAP", "Basic b21zOnNlc2FtZSAx")
    refused = delete(planner, one)
    assert (refused.status_code, refused.json()["code"], refused.json()["stock_locations"]) == (
        406, "engine_in_use", [place],
    )  # fmt: skip
    planner.patch(f"/stocklocations/{place}/", {"engine": None})
    assert delete(planner, one).status_code == 204
    assert planner.get(one).status_code == 404
    actions = (
        AuditEntry.objects.filter(object_kind="inventory_engine")
        .order_by("id")
        .values_list("action", flat=True)
    )
    assert list(actions) == [f"inventory_engine.{what}" for what in ("created", "changed", "deleted")]


def test_a_masked_password_does_not_follow_to_another_address(planner, service):
    made = planner.post(ENGINES, {"name": "ERP", "config": config(service)}).json()
    moved = config(service, password="********", url=f"http://{service.address}/mine")
    answer = planner.patch(f"{ENGINES}{made['id']}/", {"config": moved})
    assert (answer.status_code, answer.json()) == (
        400, {"config": ["auth.password: Give it again when an address changes."]},
    )  # fmt: skip
    answer = planner.post(ENGINES, {"name": "new", "config": config(service, password="********")})
    assert answer.json() == {"config": ["auth.password: Give the password."]}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"auth": {"type": "magic"}}, "auth.type: Must be one of: anonymous, basic_auth, token."),
        ({"auth": {"type": "anonymous", "password": "x"}}, "auth.password: Unknown field."),
        ({"auth": {"type": "basic_auth", "username": "u"}}, "auth.password: Must be a text of 1 to 1024 characters."),
        ({"auth": {"type": "token", "username": "u", "password": "p"}}, "auth.url: Must be a text of 1 to 1024 characters."),
        ({"service": {"url": "x", "type": "some"}}, "service.type: Must be one of: multiple, single."),
        ({"service": {"url": "http://169.254.169.254/", "type": "single"}},
         "service.url: This address may not be connected to: 169.254.169.254 is a link-local address."),
        ({"service": []}, "service: Must be an object."),
        ({"extra": 1}, "config.extra: Unknown field."),
    ],
)  # fmt: skip
def test_a_wrong_configuration_is_refused_naming_the_field(planner, given, told):
    whole = {
        "auth": {"type": "anonymous"},
        "service": {"url": "http://203.0.113.9/", "type": "single"},
        **given,
    }
    answer = planner.post(ENGINES, {"name": "ERP", "config": whole})
    assert (answer.status_code, answer.json()) == (400, {"config": [told]})


def test_names_are_unique_and_times_bounded(planner, service):
    assert planner.post(ENGINES, {"name": "ERP", "config": config(service)}).status_code == 201
    for name in ("ERP", " ERP ", "   "):
        again = planner.post(ENGINES, {"name": name, "config": config(service)})
        assert (again.status_code, list(again.json())) == (400, ["name"])
    slow = planner.post(ENGINES, {"name": "B", "config": config(service), "timeout_seconds": 61})
    assert (slow.status_code, list(slow.json())) == (400, ["timeout_seconds"])


def test_how_questions_went_is_shown_per_engine_and_product(planner, service):
    (place,), (product,) = make_locations(1), make_products(1)
    made = planner.post(ENGINES, {"name": "ERP", "config": config(service)}).json()
    planner.patch(f"/stocklocations/{place}/", {"engine": made["id"]})
    service.behave = lambda _: (200, b"[]", {})
    ask_engines([product], now=NOW)
    shown = planner.get(f"{ENGINES}{made['id']}/").json()
    assert (shown["failing_products"], shown["failure"], shown["last_answer_date"]) == (
        1, "the answer is not an object of SKUs", None,
    )  # fmt: skip
    assert planner.get(f"{ENGINES}{made['id']}/answers/", failed="true").json()["results"] == [
        {"product": product, "asked_date": "2026-01-02T09:00:00.000000Z", "answered_date": None, "age_seconds": None,
         "failure": "the answer is not an object of SKUs"}
    ]  # fmt: skip
    assert planner.get(f"{ENGINES}{made['id']}/answers/", failed="false").json()["count"] == 0


def test_the_list_of_engines_costs_the_same_for_any_number(planner, service, django_assert_max_num_queries):
    for n in range(4):
        planner.post(ENGINES, {"name": f"ERP {n}", "config": config(service)})
    planner.get(ENGINES)
    with django_assert_max_num_queries(4):
        assert planner.get(ENGINES, kind="http").json()["count"] == 4


def test_stale_figures_are_named_beside_the_availability(planner, service):
    make_locations(2)
    make_products(1)
    made = planner.post(ENGINES, {"name": "ERP", "config": config(service)}).json()
    place = planner.get("/stocklocations/", erp_code="WH001").json()["results"][0]["id"]
    planner.patch(f"/stocklocations/{place}/", {"engine": made["id"]})
    answer = planner.get("/query-stock-availability/", sku="SKU-00001")
    assert (answer.json(), answer["X-Stock-Stale"]) == ({"WH001": False, "WH002": False}, "WH001")


def test_only_who_may_write_stock_of_all_locations_sees_engines(service):
    (place,) = make_locations(1)
    assert caller("location_operator", location_ids=[place]).get(ENGINES).status_code == 403
    assert caller("planner", username="bound", location_ids=[place]).get(ENGINES).status_code == 403


def test_the_ready_engine_of_omnitron_is_there_and_stays(planner):
    engines.plant_after_migrate()
    (ready,) = planner.get(ENGINES, kind="omnitron").json()["results"]
    assert (ready["name"], ready["config"]) == ("omnitron", {})
    path = f"{ENGINES}{ready['id']}/"
    assert delete(planner, path).json()["code"] == "engine_is_ready_made"
    assert planner.patch(path, {"name": "x"}).json()["code"] == "engine_is_ready_made"
    assert planner.post(f"{path}try/", {"sku": "A"}).json()["failure"].startswith("NotConfigured")
