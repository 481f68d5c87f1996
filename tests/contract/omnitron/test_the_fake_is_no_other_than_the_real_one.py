"""One set of stories, told to the real Omnitron and to `ambar fake omnitron`: both answer the same."""

import json

import pytest

from ambar.cli.fake.contract_server import Running
from ambar.cli.fake.hub_book import LISTS, HubBook
from ambar.cli.fake.omnitron_fake import OmnitronFake
from ambar.kit import accounts
from ambar.kit.outbox.models import Hook
from ambar.omnitron.cancellations.models import CancellationReason
from ambar.omnitron.catalogue.models import Catalog
from ambar.omnitron.stock.actions.load_stocks import load_stocks
from ambar.omnitron.stock.models import StockList
from tests.worlds import omnitron_hub as hub
from tests.worlds.twins import Twins

pytestmark = pytest.mark.django_db

STAMP = {"created_at": hub.NOW, "modified_at": hub.NOW}
HOOKS = "/api/v1/whisperer/hooks/"
COUNTDOWN = {"choice": "exponential", "kwargs": {"base": 2}}
TARGET = "https://oms.example.com/api/v1/oms/orders-webhook/"


@pytest.fixture(scope="module")
def fake():
    """One fake for all stories; each fills it with what its real twin has."""
    made = OmnitronFake(HubBook(), username="twin", password="a-long-test-password")
    made.tokens.add("of the twin")
    running = Running(made)
    yield running
    running.close()


@pytest.fixture
def both(fake, monkeypatch):
    monkeypatch.setattr("ambar.kit.outbox.actions.save_hook.guard.check", lambda url: None)
    hub.places()
    channel = hub.channel()
    hub.products("A", "B", "C")
    store = hub.store("S-1")
    listed = StockList.objects.create(name="Stok S-1", code="S-1", retail_store_id=store, **STAMP)
    load_stocks(
        [{"sku": "A", "erp_code": "S-1", "stock": 5}, {"sku": "B", "erp_code": "S-1", "stock": 2}],
        now=hub.NOW,
    )
    CancellationReason.objects.create(subject="Vazgeçtim", is_active=True, **STAMP)
    Catalog.objects.create(name="Shop", price_list=hub.price_list(), stock_list_id=listed.pk, **STAMP)
    assert channel.pk
    oms = hub.Caller()
    book = fake.fake.hub
    book.hooks.clear()
    for name in LISTS:
        book.rows[name].clear()
        book.rows[name].update({row["id"]: row for row in oms.get(f"{name}/?limit=1000").json()["results"]})
    twins = Twins(_rooted(oms), fake, token="of the twin")
    yield twins
    twins.close()


def _rooted(caller):
    """A caller that is told whole paths, as the fake is."""
    return lambda method, path, body, headers: caller(method, path.removeprefix("/api/v1/"), body, headers)


def test_every_list_is_asked_alike(both):
    for name in LISTS:
        rows = both.get(f"/api/v1/{name}/?sort=id&limit=500")["results"]
        assert rows, name
        both.get(f"/api/v1/{name}/?limit=1&page=2")
        both.get(f"/api/v1/{name}/?sort=-modified_date&unknown=1")
        both.get(f"/api/v1/{name}/?id__gt={rows[0]['id']}&limit=2")
        both.get(f"/api/v1/{name}/?modified_date__gte=2026-01-15T12:00:01Z")
        both.get(f"/api/v1/{name}/?limit=x")
    for query in ("products/?sku=A", "product_stocks/?product__sku=B", "retail_stores/?erp_code=S-2", "countries/?code=TR",
                  "channels/?is_active=true", "retail_stores/detailed/?sort=id", "townships/count/", "retail_stores/count/"):  # fmt: skip
        both.get(f"/api/v1/{query}")
    stock_list = StockList.objects.get().pk
    assert both.get(f"/api/v1/product_stocks/?stock_list={stock_list}&sort=id&id__gt=0")["count"] == 2


def test_what_is_no_method_and_no_path_is_answered_alike(both):
    for path in (
        "/api/v1/retail_stores/detailed/",
        "/api/v1/whisperer/hooks/registry/",
        "/api/v1/active_user/",
    ):
        for method in ("HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"):
            assert both(method, path)[0] == 405, (method, path)
    for path in (
        "countries",
        "townships/count",
        "nope/",
        "channels/x/",
        "channels/999999/",
        f"channels/{10**24}/",
    ):
        both("GET", f"/api/v1/{path}")


def test_signing_in_is_answered_alike(both, fake):
    accounts.ensure_user("twin", "a-long-test-password", roles=["integration"])
    login = "/api/v1/auth/login/"
    right = {"username": "twin", "password": "a-long-test-password"}
    real = _rooted(hub.Caller(None))("POST", login, json.dumps(right), {})
    ours = both.client.post(login, json=right)
    assert (real.status_code, list(real.json())) == (ours.status_code, list(ours.json())) == (200, ["key"])
    assert (
        both("POST", login, {**right, "password": "wrong"}, real=_rooted(hub.Caller(None)), token="")[0]
        == 400
    )
    assert both("POST", login, {"username": "twin"}, real=_rooted(hub.Caller(None)), token="")[0] == 400
    for path in ("/api/v1/active_user/", "/api/v1/channels/", HOOKS):
        assert both("GET", path, real=_rooted(hub.Caller(None)), token="")[0] == 401
        assert both("GET", path, None, {"Authorization": "Token wrong"})[0] == 401
    earlier = ours.json()["key"]
    both.client.post(login, json=right)
    assert (
        both.client.get("/api/v1/channels/", headers={"Authorization": f"Token {earlier}"}).status_code == 200
    )


def test_hooks_are_kept_alike(both, fake):
    probe = {
        "event_type": "order.created",
        "target_url": "https://x.example",
        "retry_countdown_config": COUNTDOWN,
    }
    made = hub.Caller().post("whisperer/hooks/", probe).json()
    Hook.objects.all().delete()
    fake.fake.hub.next_hook = made["id"] + 1
    assert both("GET", f"{HOOKS}registry/?page=1&limit=999")[0] == 200
    assert both("GET", f"{HOOKS}registry/?page=1&event_type=order.created")[0] == 400
    body = {"event_type": "order.created", "target_url": TARGET, "retry_countdown_config": COUNTDOWN,
            "additional_headers": {"Authorization": "Token x"}}  # fmt: skip
    for wrong in ({}, {**body, "event_type": "nope"}, {**body, "is_active": "maybe"}, []):
        assert both("POST", HOOKS, wrong)[0] == 400
    status, made = both("POST", HOOKS, body)
    assert (status, made["retry_countdown_config"]["kwargs"]) == (201, {"base": 2, "factor": 1})
    assert both("POST", HOOKS, body)[0] == 406
    assert both("POST", HOOKS, {**body, "event_type": "order.updated"})[0] == 201
    one = f"{HOOKS}{made['id']}/"
    assert both("PATCH", one, {"is_active": False})[1]["is_active"] is False
    assert both("POST", HOOKS, body)[0] == 406
    assert both("DELETE", one)[0] == 204
    assert both.get(one)["is_active"] is False
    assert both.get(f"{HOOKS}?limit=999")["count"] == 2
    assert both.get(f"{HOOKS}?is_active=True")["count"] == 1
    for asked in ("unknown=1", "id=1", "is_active__in=true", "sort=secret_key", "format=xml"):
        assert both("GET", f"{HOOKS}?{asked}")[0] == 400, asked
    assert both.get(f"{HOOKS}?sort=-event_type&page=1&limit=1")["count"] == 2
    assert both("GET", f"{HOOKS}999999/")[0] == 404


def test_what_the_fake_makes_up_has_the_keys_of_the_real_one(both):
    mine = HubBook(seed=5)
    for name in LISTS:
        real = next(iter(both.get(f"/api/v1/{name}/?limit=1")["results"]))
        assert set(next(iter(mine.rows[name].values()))) >= set(real) - {"coordinates_estimated"}, name
    assert HubBook(seed=5).rows["product_stocks"] == mine.rows["product_stocks"]
