"""The doctor against a Seller Center that is not ours: what can be told is told, what can't is said, nothing is sent."""

from __future__ import annotations

import pytest

from ambar.kit import clock
from ambar.kit.outbox.models import Delivery, Hook
from ambar.oms.doctor.actions.examine import examine
from ambar.oms.doctor.domain import texts
from ambar.oms.omnitron_client.gateways import client as upstream_client
from ambar.oms.setup.actions import addresses
from tests.api.oms.setup import test_setup_api as fakes
from tests.worlds import oms_upstream as world

pytestmark = pytest.mark.django_db(transaction=True)
DOCTOR = "/api/v1/oms/doctor/"
APPLICATION = fakes.APPLICATION
EVENT = "package.created"
sources = fakes.sources


@pytest.fixture
def admin(sources):
    """An OMS set up with the fake: one order offered, dictionaries copied, one hook."""
    sources.routes["GET", f"{APPLICATION}/orders/"] = fakes.rows([world.order(1)])
    for name in ("order_items", "cancellation_plans"):
        sources.routes["GET", f"{APPLICATION}/{name}/"] = fakes.rows([])
    bulk = f"{APPLICATION}/order_items/bulk_status_update/"
    sources.routes["PATCH", bulk] = lambda query, body: (200, {"orderitem_set": []})
    sources.routes["GET", f"{APPLICATION}/townships/"] = fakes.rows(fakes.TOWNSHIPS[:1])
    sources.routes["GET", f"{APPLICATION}/townships/count/"] = fakes.counted(fakes.TOWNSHIPS[:1])
    world.configure("SELLER_CENTER_SETTINGS", {"supplier_code": "AMBAR-01"})
    addresses.run(upstream_client.current(), lambda more, total: None)
    chief = world.caller("admin", name="chief")
    body = {
        "event_type": EVENT,
        "target_url": f"{sources.base}{APPLICATION}/packages/",
        "retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 5}},
        "secret_key": "a-shared-secret",
    }
    assert chief.post("/api/v1/whisperer/hooks/", body).status_code == 201
    return chief


def found(admin, step):
    return {row["name"]: row for row in admin.get(f"{DOCTOR}?step={step}").json()["findings"]}


def test_its_endpoints_are_judged_by_their_answers(admin):
    step = found(admin, 2)
    assert [name for name, row in step.items() if not row["ok"]] == []
    assert {row["code"] for row in step.values()} == {"endpoint_answers"}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_one_that_can_not_answer_now_is_not_called_set_up_wrong(admin, sources, status):
    """Nothing is asked of a person that would not help: address and token are right."""
    sources.routes["GET", f"{APPLICATION}/cancellation_plans/"] = lambda query, body: (
        status,
        {"detail": "x"},
    )
    told = found(admin, 2)["endpoint.cancellation_plans"]
    assert (told["code"], told["ok"], told["can_fix"], told["needs"]) == ("endpoint_fails", False, False, [])
    assert f"answered {status}" in told["what"] and told["fix"].startswith("look again")
    sources.routes["GET", f"{APPLICATION}/cancellation_plans/"] = lambda query, body: (404, {"detail": "x"})
    told = found(admin, 2)["endpoint.cancellation_plans"]
    assert (told["code"], told["can_fix"]) == ("endpoint_answered", True)


def test_no_test_event_is_sent_and_the_log_tells_what_it_can(admin, sources):
    step = found(admin, 3)
    hook = step[f"package_hook.{EVENT}"]
    assert (hook["ok"], hook["known"], hook["code"]) == (True, False, "package_hook_here")
    assert "nothing was sent yet" in hook["what"]
    assert (step["hook_secret"]["known"], step["hook_secret"]["ok"]) == (False, True)
    assert admin.post(f"{DOCTOR}walk/").json()["findings"][0]["code"] == "walk_not_possible"
    assert [path for verb, path, *_ in sources.requests if verb == "POST" and "packages" in path] == []

    Delivery.objects.create(
        hook=Hook.objects.get(), event_id=1, kind="package", aggregate_id=1, attempts=3, last_status=502,
        last_error="status_502", due_at=clock.now(),
    )  # fmt: skip
    failing = found(admin, 3)[f"package_hook.{EVENT}"]
    assert (failing["ok"], failing["code"]) == (False, "package_hook_failing")
    assert "502" in failing["what"]
    Delivery.objects.update(state=1)
    assert "was delivered" in found(admin, 3)[f"package_hook.{EVENT}"]["what"]


def test_seller_and_channel_are_told_by_its_orders(admin, sources):
    step = found(admin, 4)
    assert (step["supplier_code"]["code"], step["static_channel"]["code"]) == (
        "supplier_known",
        "channel_not_yet",
    )
    world.configure("SELLER_CENTER_SETTINGS", {"supplier_code": "AMBAR-02"})
    assert found(admin, 4)["supplier_code"]["code"] == "supplier_differs"
    sources.routes["GET", f"{APPLICATION}/orders/"] = fakes.rows([])
    step = found(admin, 4)
    assert (step["supplier_code"]["known"], step["static_channel"]["known"]) == (False, False)
    assert step["order_filters"]["ok"] is True


def test_an_order_that_is_delivered_by_now_is_judged_as_it_was_when_new(admin, sources):
    rule = {"name": "approved only", "condition": {"field": "status", "op": "in", "value": ["400", "450"]}}
    world.configure("SELLER_CENTER_SETTINGS", {"supplier_code": "AMBAR-01", "order_filters": [rule]})
    sources.routes["GET", f"{APPLICATION}/orders/"] = fakes.rows([world.order(1, status="550")])
    assert found(admin, 4)["order_filters"]["code"] == "filters_take"
    sources.routes["GET", f"{APPLICATION}/orders/"] = fakes.rows([world.order(1, status="200")])
    assert found(admin, 4)["order_filters"]["code"] == "filters_refuse_all"


def test_its_dictionaries_are_read_on_demand_and_only_counted_by_the_watch(admin, sources):
    def codes(step):
        return {name: row["code"] for name, row in step.items() if name.startswith("dictionary.")}

    assert set(codes(found(admin, 4)).values()) == {"places_equal"}
    sources.routes["GET", f"{APPLICATION}/cities/"] = fakes.rows([{**fakes.CITIES[0], "name": "Istanbul"}])
    step = found(admin, 4)
    assert codes(step)["dictionary.cities"] == "places_differ"
    assert "#34 Istanbul" in step["dictionary.cities"]["what"]
    assert step["dictionary.cities"]["can_fix"] is True
    watched = {one.name: one for one in examine([4], asked_by="watch", now=clock.now(), deep=False)}
    assert watched["dictionary.cities"].code == "places_counted"
    assert not texts.known(watched["dictionary.cities"])
    sources.routes["GET", f"{APPLICATION}/districts/count/"] = fakes.counted([1, 2, 3])
    assert codes(found(admin, 4))["dictionary.districts"] == "places_short"


def test_mending_its_dictionaries_is_left_to_basic_setup(admin, sources):
    sources.routes["GET", f"{APPLICATION}/districts/count/"] = fakes.counted([1, 2, 3])
    (did,) = admin.post(f"{DOCTOR}fix/", {"finding": "dictionary.districts"}).json()["did"]
    assert (did["outcome"], did["waits_for"]) == ("started", "addresses")
    assert admin.get("/api/v1/oms/setup/addresses/get_async_status/").json()["status"] == "WORKING"
