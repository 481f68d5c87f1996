"""The public page's four steps over HTTP, against small stand-ins of the systems."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from ambar.oms.setup.integrate import CouldNotIntegrate, IntegrationPlan, integrate

CONTRACTS = Path(__file__).resolve().parents[4] / "contracts"
OMS, HUB, MARKET = "http://oms.test", "http://hub.test", "http://market.test"
PLAN = IntegrationPlan(
    oms_url=OMS,
    oms_token="oms-token",
    omnitron_url=HUB,
    omnitron_username="username",
    omnitron_password="password",
    seller_center_url=MARKET,
    seller_center_token="your_token_here",
    supplier_code="AMBAR-01",
    hook_secret="a-shared-secret",
)
PATHS = [(100, 200), (200, 500), (500, 600), (600, 700), (100, 900)]


class World:
    """Both systems as far as the program sees them."""

    def __init__(self):
        self.requests = []
        self.settings, self.hooks, self.scenarios, self.executed = [], [], [], []
        self.required = {"channels", "addresses", "stock_locations", "products", "stocks"}
        self.failing = None
        self.market_hooks = None
        self.transitions = PATHS
        ours = f"{OMS}/api/v1/oms/orders-webhook/"
        events = ["order.created", "order.updated", "retail_store.created", "product.updated"]
        self.hub_hooks = [
            {"id": n, "event_type": event, "target_url": ours, "is_active": event != "order.updated"}
            for n, event in enumerate(events, start=1)
        ]
        self.hub_hooks.append(
            {
                "id": 9,
                "event_type": "order.created",
                "target_url": f"{MARKET}/api/v1/omnitron/orders/",
                "is_active": True,
            }
        )
        self.hub_hooks.append(
            {"id": 10, "event_type": "order.created", "target_url": f"{OMS}.evil/api/", "is_active": True}
        )

    def __call__(self, request):
        body = json.loads(request.content) if request.content else None
        self.requests.append((request.method, str(request.url), body, request.headers.get("Authorization")))
        handler = {"hub.test": self.hub, "market.test": self.market}.get(request.url.host, self.oms)
        status, answer = handler(request.method, request.url.path.removeprefix("/api/v1/"), body)
        return httpx2.Response(status, json=answer) if answer is not None else httpx2.Response(status)

    def hub(self, method, path, body):
        if path == "auth/login/":
            return (
                (200, {"key": "hub-key"})
                if body["password"] == "password"
                else (400, {"non_field_errors": ["no"]})
            )
        if path == "whisperer/hooks/":
            return 200, listed(self.hub_hooks)
        hook = next(hook for hook in self.hub_hooks if path == f"whisperer/hooks/{hook['id']}/")
        hook.update(body)
        return 200, hook

    def market(self, method, path, body):
        if self.market_hooks is None:
            return 404, {"detail": "Not found."}
        if path == "whisperer/hooks/registry/":
            return 200, ["order.created", "order.updated"]
        return self.hook(method, path, body, self.market_hooks)

    def oms(self, method, path, body):
        name = path.removeprefix("oms/").rstrip("/")
        if name.startswith("setup/"):
            return self.setup(method, name.split("/"))
        if path.startswith("whisperer/hooks/"):
            return self.hook(method, path, body, self.hooks)
        if name.startswith("settings"):
            return self.setting(method, path, body)
        if name == "stocklocations":
            return 200, listed([{"id": 4, "name": "Depot", "erp_code": "D1", "is_active": True}])
        if name == "distribution-scenarios" and method == "POST":
            self.scenarios.append(body)
            return 201, body
        if name == "distribution-scenarios":
            return 200, listed(self.scenarios)
        rows = [
            {"source_state": {"enum_value": str(a)}, "destination_state": {"enum_value": str(b)}}
            for a, b in self.transitions
        ]
        return 200, listed(rows)

    def setup(self, method, parts):
        _, step, service = parts
        if service == "is_required":
            return 200, {"is_required": step in self.required, "detail": {}}
        if service == "execute":
            self.executed.append(step)
            self.required.discard(step)
            return 204, None
        if step == self.failing:
            return 200, {"status": "FAILED", "error": "out of order", "detail": {}}
        return 200, {"status": "FINISHED", "detail": {"written": 1}, "error": ""}

    def setting(self, method, path, body):
        if method == "POST":
            self.settings.append({"id": len(self.settings) + 1, **body})
            return 201, self.settings[-1]
        if method == "PUT":
            next(row for row in self.settings if path.endswith(f"/{row['id']}/")).update(body)
            return 200, None
        return 200, listed(self.settings)

    def hook(self, method, path, body, hooks):
        if method == "POST":
            key = (body["event_type"], body["target_url"])
            if key in {(hook["event_type"], hook["target_url"]) for hook in hooks}:
                return 406, {"code": "webhook_100_2", "en": "Webhook already registered"}
            hooks.append({"id": len(hooks) + 1, **body})
            return 201, hooks[-1]
        if method == "PATCH":
            hook = next(hook for hook in hooks if path.endswith(f"/{hook['id']}/"))
            hook.update(body)
            return 200, hook
        return 200, listed(hooks)


def listed(rows):
    return {"count": len(rows), "next": None, "previous": None, "results": rows}


def run(world, plan=PLAN):
    with httpx2.Client(transport=httpx2.MockTransport(world)) as http:
        return list(integrate(plan, http=http, sleep=lambda seconds: None))


def test_only_the_six_hooks_that_point_at_this_oms_are_switched_off():
    world = World()
    run(world)
    assert {hook["id"]: hook["is_active"] for hook in world.hub_hooks} == {
        1: False,
        2: False,
        3: False,
        4: True,
        9: True,
        10: True,
    }
    patched = [url for method, url, *_ in world.requests if method == "PATCH" and "hub.test" in url]
    assert patched == [f"{HUB}/api/v1/whisperer/hooks/{n}/" for n in (1, 3)]
    assert ("GET", f"{HUB}/api/v1/whisperer/hooks/?limit=999", None, "Token hub-key") in world.requests


def test_the_settings_have_the_public_page_s_shape():
    world = World()
    run(world)
    client, seller = (row["json_value"] for row in world.settings)
    golden = json.loads((CONTRACTS / "settings/OMNITRON_CLIENT_SETTINGS.json").read_text())["json_value"]
    assert client.keys() == golden.keys()
    assert [entry["endpoint"] for entry in client["endpoint_conf"]] == [
        entry["endpoint"] for entry in golden["endpoint_conf"]
    ]
    assert (client["auth"], client["timeouts"]) == (golden["auth"], golden["timeouts"])
    assert client["urls"] == {"oms_url": f"{OMS}/api/v1", "base_url": f"{HUB}/api/v1"}
    assert client["endpoint_conf"][0] == {
        "endpoint": "order_item_bulk_update",
        "base_url": f"{MARKET}/api/v1/applications/oms",
        "auth": {"token": "your_token_here"},
    }
    assert (seller["supplier_code"], seller["hook_secret"]) == ("AMBAR-01", "a-shared-secret")


def test_the_nine_package_hooks_go_where_the_public_page_says():
    world = World()
    run(world)
    root = f"{MARKET}/api/v1/applications/oms/packages/"
    targets = {hook["event_type"]: hook["target_url"] for hook in world.hooks}
    assert targets.pop("package.created") == root
    assert sorted(targets) == sorted(
        f"package.status.{slug}"
        for slug in (
            "preparing",
            "packed",
            "delivered",
            "shipped",
            "packed_for_refund",
            "out_of_stock",
            "ready_for_customer_pickup",
            "cancelled",
        )
    )
    assert set(targets.values()) == {f"{root}update-status/"}
    assert world.hooks[0]["additional_headers"] == {"Authorization": "Token your_token_here"}


def test_a_second_run_changes_nothing_and_says_so():
    world = World()
    run(world)
    before = json.dumps([world.hooks, world.scenarios, world.hub_hooks, world.settings])
    steps = run(world)
    assert json.dumps([world.hooks, world.scenarios, world.hub_hooks, world.settings]) == before
    assert {step.outcome for step in steps if not step.name.endswith("_SETTINGS")} == {"already"}
    assert world.executed == ["channels", "addresses", "stock_locations", "products", "stocks"]


def test_a_hook_that_is_off_or_wrong_is_put_right():
    world = World()
    run(world)
    world.hooks[2].update(is_active=False, secret_key="old")
    [step] = [step for step in run(world) if step.name == "package hook" and step.outcome == "done"]
    assert step.detail.endswith("is_active, secret_key put right")
    assert (world.hooks[2]["is_active"], world.hooks[2]["secret_key"]) == (True, "a-shared-secret")


def test_moved_to_another_seller_center_the_hooks_to_the_former_one_are_named_and_stay():
    world = World()
    run(world)
    world.hooks[3]["is_active"] = False
    world.hooks.append({"id": 99, "event_type": "package.created", "target_url": "https://brand.test/in/", "is_active": True})  # fmt: skip
    before = json.dumps(world.hooks)
    moved = run(world, replace(PLAN, seller_center_url="http://other.test"))
    (told,) = [step for step in moved if step.name == "former Seller Center"]
    assert told.outcome == "warning"
    assert told.detail.startswith(f"package hooks still lead to {MARKET}/api/v1/applications/oms: 8; `ambar ")
    assert json.dumps(world.hooks[:10]) == before
    assert len(world.hooks) == 19


def test_what_was_set_by_hand_besides_stays():
    world = World()
    run(world)
    world.settings[0]["json_value"]["endpoint_conf"][1]["path"] = "my/orders/"
    world.settings[1]["json_value"]["overlap_seconds"] = 30
    run(world)
    assert world.settings[0]["json_value"]["endpoint_conf"][1]["path"] == "my/orders/"
    assert world.settings[1]["json_value"]["overlap_seconds"] == 30


def test_a_second_run_leaves_what_the_operator_chose_as_it_is():
    """Rotating a secret or asking to be pushed runs all of it again: rules and carriers are not in its options."""
    world = World()
    run(world)
    client, seller = (row["json_value"] for row in world.settings)
    chosen = {
        "order_filters": [{"name": "mine", "condition": {"field": "status", "op": "in", "value": ["450"]}}],
        "status_map": {**seller["status_map"], "300": "400"},
        "shipping": {"cargo_company_map": {"yurtici": "Yurtiçi Kargo"}, "default": "yurtici"},
        "poll_seconds": 30,
        "previous_hook_secret": "****1234",
    }
    seller.update(chosen)
    besides = {"endpoint": "products", "base_url": "https://mirror.example/api/v1", "auth": {"token": "****"}}
    client["endpoint_conf"].append(besides)
    client["timeouts"] = {"read": 9000, "connect": 2000}
    run(world, replace(PLAN, hook_secret="another-secret", seller_center_token="another_token"))
    client, seller = (row["json_value"] for row in world.settings)
    assert {name: seller[name] for name in chosen} == chosen
    assert seller["hook_secret"] == "another-secret"
    assert client["timeouts"] == {"read": 9000, "connect": 2000}
    assert client["endpoint_conf"][-1] == besides and len(client["endpoint_conf"]) == 13
    assert {entry["auth"]["token"] for entry in client["endpoint_conf"][:-1]} == {"another_token"}


def test_what_a_second_plan_says_itself_is_written():
    world = World()
    run(world, replace(PLAN, cargo_company_map={"yurtici": "Yurtiçi Kargo"}, default_cargo_company="yurtici"))
    run(world, replace(PLAN, poll_seconds=5, read_ms=7000, cargo_company_map={"mng": "MNG Kargo"}))
    client, seller = (row["json_value"] for row in world.settings)
    assert (seller["poll_seconds"], client["timeouts"]["read"]) == (5, 7000)
    assert seller["shipping"] == {
        "cargo_company_map": {"yurtici": "Yurtiçi Kargo", "mng": "MNG Kargo"}, "default": "yurtici",
    }  # fmt: skip


def test_a_first_scenario_is_made_at_the_named_location():
    world = World()
    run(world)
    [scenario] = world.scenarios
    assert (scenario["default_location"], scenario["is_active"], len(scenario["rules"])) == (4, True, 1)
    with pytest.raises(CouldNotIntegrate, match="no active stock location"):
        run(
            World(),
            IntegrationPlan(
                **{name: getattr(PLAN, name) for name in PLAN.__slots__} | {"default_location": "X"}
            ),
        )


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda world: setattr(world, "failing", "addresses"), "ended FAILED: out of order"),
        (
            lambda world: setattr(world, "hub", lambda *call: (400, {"detail": "no"})),
            "refuses to sign in username",
        ),
        (lambda world: setattr(world, "setting", lambda *call: (403, {"detail": "no"})), "answered 403"),
    ],
)
def test_what_goes_wrong_is_told_in_words(break_it, words):
    world = World()
    break_it(world)
    with pytest.raises(CouldNotIntegrate, match=words):
        run(world)


def test_a_state_that_can_t_be_reached_is_a_warning():
    world = World()
    world.transitions = PATHS[:-1]
    assert run(world)[-1].detail == "not reachable from Waiting: Cancelled (900)"


PUSHING = replace(PLAN, push_token="pushed-with")


def test_a_seller_center_with_hooks_is_asked_to_push_orders_and_plans():
    world = World()
    world.market_hooks = []
    run(world, PUSHING)
    api = f"{OMS}/api/v1/oms"
    assert {hook["event_type"]: hook["target_url"] for hook in world.market_hooks} == {
        "order.created": f"{api}/orders-webhook/",
        "order.updated": f"{api}/orders-webhook/",
        "cancellation_plan.created": f"{api}/cancellation_plan/",
        "cancellation_plan.updated": f"{api}/cancellation_plan/",
    }
    assert {hook["additional_headers"]["Authorization"] for hook in world.market_hooks} == {
        "Token pushed-with"
    }
    assert {hook["secret_key"] for hook in world.market_hooks} == {"a-shared-secret"}
    asked = [token for method, url, _, token in world.requests if url.startswith(MARKET) and method == "POST"]
    assert asked == ["Token your_token_here"] * 4
    again = [step for step in run(world, PUSHING) if step.name == "order hook"]
    assert [step.outcome for step in again] == ["already"] * 4


def test_without_hooks_at_the_seller_center_orders_are_only_pulled():
    told = [step for step in run(World(), PUSHING) if step.name == "order hook"]
    assert [(step.outcome, step.detail) for step in told] == [
        ("warning", "the Seller Center offers no hooks (it answered 404); orders are pulled")
    ]


def test_nobody_asks_for_pushed_orders_without_a_token_for_them():
    world = World()
    world.market_hooks = []
    assert [step for step in run(world) if step.name == "order hook"] == []
    assert world.market_hooks == []
