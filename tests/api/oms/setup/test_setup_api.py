"""Basic Setup and the doctor over HTTP, against a fake upstream."""

import pytest

from ambar.kit import clock
from ambar.kit.outbox.models import Hook
from ambar.oms.app_settings import queries as settings_queries
from ambar.oms.catalogue.models import Channel, Product
from ambar.oms.locations.models import StockLocation
from ambar.oms.omnitron_client.gateways import client as upstream_client
from ambar.oms.places.models import City, Country, District, Township
from ambar.oms.setup import jobs
from ambar.oms.setup.actions import run_step
from ambar.oms.setup.models import Run
from ambar.oms.states.models import StateTransition
from ambar.oms.stock.models import Balance
from tests.worlds import oms_upstream as world

pytestmark = pytest.mark.django_db(transaction=True)
SETUP = "/api/v1/oms/setup/"
APPLICATION = "/api/v1/applications/oms"
COUNTRIES = [{"pk": 1, "name": "Türkiye", "code": "tr"}]
CITIES = [{"pk": 34, "name": "İstanbul", "country": {"pk": 1}}]
TOWNSHIPS = [
    {"pk": 340, "name": "Kadıköy", "city": 34, "latitude": "40.9907", "longitude": "29.0279"},
    {"pk": 341, "name": "Nowhere", "city": 99},
]
DISTRICTS = [{"pk": 34001, "name": "Caferağa Mah", "city": 34, "township": 340}]
STORE = {
    "pk": 5,
    "name": "Kadıköy Store",
    "erp_code": "ST-5",
    "township": {
        "pk": 77,
        "name": "KADIKÖY",
        "city": {"pk": 3, "name": "Istanbul", "country": {"pk": 9, "name": "Turkey", "code": "TR"}},
    },
    "district": None,
    "address": "Bahariye Cad. 40",
    "latitude": None,
    "longitude": None,
    "click_and_collect": True,
    "config": {"capacity_limit": 40},
}


def rows(found):
    return lambda query, body: (200, {"count": len(found), "next": None, "previous": None, "results": found})


def counted(found):
    return lambda query, body: (200, {"count": len(found)})


@pytest.fixture
def sources(upstream):
    places = {"countries": COUNTRIES, "cities": CITIES, "townships": TOWNSHIPS, "districts": DISTRICTS}
    for name, found in places.items():
        upstream.routes["GET", f"{APPLICATION}/{name}/"] = rows(found)
        if name != "cities":
            upstream.routes["GET", f"{APPLICATION}/{name}/count/"] = counted(found)
    upstream.routes["POST", "/api/v1/auth/login/"] = lambda query, body: (200, {"key": "k"})
    upstream.routes["GET", "/api/v1/channels/"] = rows(
        [{"pk": 6, "name": "Ambar Shop", "channel_type": "web"}]
    )
    upstream.routes["GET", "/api/v1/retail_stores/"] = rows([STORE])
    upstream.routes["GET", "/api/v1/retail_stores/detailed/"] = rows([STORE, {"pk": 6, "name": "No code"}])
    upstream.routes["GET", "/api/v1/products/"] = rows(
        [
            {"pk": 11, "sku": "AMB-1", "name": "Gömlek", "attributes": {"weight_kg": "0.300"}},
            {"pk": 12, "sku": ""},
        ]
    )
    upstream.routes["GET", "/api/v1/stock_lists/"] = rows(
        [{"pk": 1, "retail_store": 5}, {"pk": 2, "retail_store": None}]
    )
    stocks = [
        {"pk": 1, "product": 11, "sku": "AMB-1", "stock": 7},
        {"pk": 2, "product": 99, "sku": "NOPE", "stock": 1},
        {"pk": 3, "product": 11, "stock": "many"},
    ]
    upstream.routes["GET", "/api/v1/product_stocks/"] = rows(stocks)
    world.configure("OMNITRON_CLIENT_SETTINGS", world.client_settings(upstream.base))
    return upstream


@pytest.fixture
def admin():
    return world.caller("admin", name="chief")


def execute(admin, step):
    """Execute over HTTP, then do what the worker would."""
    assert admin.post(f"{SETUP}{step}/execute/").status_code == 204
    row = Run.objects.get(step=step)
    assert row.state == "WORKING"
    run_step.run(step, row.number, upstream_client.current, now=clock.now)
    return admin.get(f"{SETUP}{step}/get_async_status/").json()


def test_the_steps_copy_what_the_oms_needs(admin, sources):
    assert admin.get(f"{SETUP}addresses/is_required/").json()["is_required"] is True
    status = execute(admin, "addresses")
    assert (status["status"], status["total"], status["done"]) == ("FINISHED", 5, 4)
    assert status["detail"]["without_parent"] == {"township": [341]}
    assert [model.objects.count() for model in (Country, City, Township, District)] == [1, 1, 1, 1]

    assert execute(admin, "channels")["detail"] == {"written": 1, "malformed": 0}
    assert list(Channel.objects.values_list("source", "upstream_id")) == [("omnitron", 6)]

    status = execute(admin, "stock_locations")
    assert status["detail"] == {"written": 1, "malformed": [6], "without_place": {}}
    location = StockLocation.objects.get()
    assert (location.erp_code, location.upstream_id, location.source) == ("ST-5", 5, "omnitron")
    assert (location.township.name, location.city.name, str(location.latitude)) == (
        "Kadıköy",
        "İstanbul",
        "40.990700",
    )
    assert (location.max_quota, location.is_pickup_location) == (40, True)

    assert execute(admin, "products")["detail"] == {"written": 1, "malformed": 1}
    assert Product.objects.get().upstream_id == 11
    status = execute(admin, "stocks")
    assert (status["detail"]["changed"], status["detail"]["unknown_product"]) == (1, 1)
    assert (status["detail"]["malformed"], status["detail"]["lists_without_location"]) == (1, 1)
    assert list(Balance.objects.values_list("on_hand", flat=True)) == [7]
    for step in ("channels", "stock_locations", "stocks", "webhooks"):
        assert admin.get(f"{SETUP}{step}/is_required/").json()["is_required"] is False


def test_repeating_a_step_changes_nothing(admin, sources):
    execute(admin, "addresses")
    before = list(Township.objects.values())
    assert execute(admin, "addresses")["status"] == "FINISHED"
    assert list(Township.objects.values()) == before


def test_the_documented_path_of_stores_works_too(admin, sources):
    assert admin.get("/api/v1/oms/stock_locations/is_required/").json()["is_required"] is True
    assert admin.post("/api/v1/oms/stock_locations/execute/").status_code == 204
    assert admin.get("/api/v1/oms/stock_locations/get_async_status/").json()["status"] == "WORKING"
    assert admin.post("/api/v1/oms/stock_locations/execute/").json()["code"] == "setup_100_1"


def test_a_step_that_fails_says_why(admin, sources):
    del sources.routes["GET", "/api/v1/channels/"]
    status = execute(admin, "channels")
    assert status["status"] == "FAILED"
    assert "404" in status["error"]
    answer = admin.get(f"{SETUP}channels/is_required/")
    assert (answer.status_code, answer.json()["code"]) == (406, "setup_100_3")


def test_a_worker_that_knew_no_settings_a_moment_ago_reads_them_anew(admin, sources):
    assert admin.post(f"{SETUP}channels/execute/").status_code == 204
    settings_queries._cache["OMNITRON_CLIENT_SETTINGS"] = settings_queries._Kept(None, float("inf"))
    jobs.setup_step(step="channels", number=Run.objects.get(step="channels").number)
    assert admin.get(f"{SETUP}channels/get_async_status/").json()["status"] == "FINISHED"


def test_without_settings_nothing_starts(admin):
    assert admin.post(f"{SETUP}channels/execute/").json()["code"] == "setup_100_2"
    assert admin.get(f"{SETUP}channels/is_required/").status_code == 406
    assert admin.get(f"{SETUP}channels/get_async_status/").json()["status"] == "READY"
    assert admin.get(f"{SETUP}nonsense/is_required/").status_code == 404
    assert admin.post(f"{SETUP}nonsense/execute/").status_code == 404
    assert admin.get(f"{SETUP}nonsense/get_async_status/").status_code == 404
    names = [step["step"] for step in admin.get(SETUP).json()["steps"]]
    assert names == ["addresses", "channels", "stock_locations", "products", "stocks", "webhooks"]
    assert world.Caller(None).get(SETUP).status_code == 401
    assert world.caller("location_operator", name="op").post(f"{SETUP}channels/execute/").status_code == 403


def findings(admin, query=""):
    return {
        finding["name"]: finding for finding in admin.get(f"/api/v1/oms/doctor/{query}").json()["findings"]
    }


def test_the_doctor_finds_hooks_left_on_and_only_ours(admin, sources):
    ours = "http://127.0.0.1:8001/api/v1/oms/orders-webhook/"
    hooks = [
        {"id": 1, "event_type": "order.created", "target_url": ours, "is_active": True},
        {"id": 2, "event_type": "order.updated", "target_url": ours, "is_active": False},
        {"id": 3, "event_type": "order.created", "target_url": "http://127.0.0.1:8002/x/", "is_active": True},
    ]
    sources.routes["GET", "/api/v1/whisperer/hooks/"] = rows(hooks)
    found = findings(admin, "?step=1")
    assert [name for name in found if name.startswith("omnitron_hook")] == ["omnitron_hook.order.created"]
    assert 'PATCH whisperer/hooks/1/ {"is_active": false}' in found["omnitron_hook.order.created"]["fix"]
    hooks[0]["is_active"] = False
    assert findings(admin, "?step=1")["omnitron_hooks"]["ok"] is True


def test_the_doctor_asks_the_twelve_endpoints(admin, sources):
    bulk = f"{APPLICATION}/order_items/bulk_status_update/"
    sources.routes["PATCH", bulk] = lambda query, body: (400, {"orderitem_set": ["empty"]})
    sources.routes["GET", f"{APPLICATION}/orders/"] = rows([])
    sources.routes["GET", f"{APPLICATION}/order_items/"] = lambda query, body: (401, {"detail": "no"})
    sources.routes["GET", f"{APPLICATION}/cancellation_plans/"] = lambda query, body: (
        200,
        {"hello": "world"},
    )
    found = findings(admin, "?step=2")
    bad = {
        name: finding["what"] for name, finding in found.items() if not finding["ok"] and finding["step"] == 2
    }
    assert len([name for name in found if name.startswith("endpoint.")]) == 12
    assert list(bad) == ["endpoint.orderitem_set", "endpoint.cancellation_plans"]
    assert bad["endpoint.orderitem_set"].endswith("answered 401")
    assert "token" in found["endpoint.orderitem_set"]["fix"]


def test_the_doctor_looks_for_the_nine_package_hooks(admin, sources):
    found = findings(admin, "?step=3")
    assert len([name for name in found if name.startswith("package_hook.") and not found[name]["ok"]]) == 9
    root = sources.base + APPLICATION
    body = {
        "event_type": "package.created",
        "target_url": f"{root}/packages/",
        "retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 5}},
        "secret_key": "a-shared-secret",
    }
    made = admin.post("/api/v1/whisperer/hooks/", body)
    assert made.status_code == 201, made.content
    assert findings(admin, "?step=3")["package_hook.package.created"]["ok"] is True
    Hook.objects.update(is_active=False)
    assert "is off" in findings(admin, "?step=3")["package_hook.package.created"]["what"]


def test_the_doctor_looks_for_places_where_records_get_stuck(admin, sources):
    def told():
        found = findings(admin, "?step=4")
        return {name: row["ok"] for name, row in found.items() if name.startswith("transitions")}, found

    assert told()[0] == {"transitions": True}
    StateTransition.objects.filter(command_code="TransferDeliveredCommand").update(is_active=False)
    verdicts, found = told()
    assert verdicts == {"transitions.transfer.in_transit": False}
    assert "In Transit (in_transit)" in found["transitions.transfer.in_transit"]["what"]
    assert found["transitions.transfer.in_transit"]["fix"]


def test_the_doctor_without_settings_and_with_nonsense(admin):
    answer = admin.get("/api/v1/oms/doctor/").json()
    assert answer["ok"] is False
    assert [finding["name"] for finding in answer["findings"]] == ["settings", "supplier_code"]
    assert admin.get("/api/v1/oms/doctor/?step=9").status_code == 400
    assert admin.get("/api/v1/oms/doctor/?colour=red").status_code == 400
    assert world.Caller(None).get("/api/v1/oms/doctor/").status_code == 401
