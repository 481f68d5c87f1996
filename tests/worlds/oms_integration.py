"""An OMS that is integrated with a real Seller Center and a real Omnitron, each a process of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from ambar.cli import systems
from ambar.kit import accounts, clock, vault  # noqa: F401  re-exported to the tests
from ambar.kit.outbox import registry
from ambar.kit.outbox.actions.save_hook import create_hook
from ambar.kit.outbox.domain.hook_fields import read_hook
from ambar.kit.outbox.models import Hook
from ambar.kit.work import heartbeats
from ambar.oms.app_settings import queries as settings_queries
from ambar.oms.app_settings.actions import set_value
from ambar.oms.app_settings.models import Setting
from ambar.oms.catalogue import store as catalogue
from ambar.oms.locations.store import StoreRow, upsert_stores
from ambar.oms.omnitron_client.gateways import client as upstream_client
from ambar.oms.scenarios.actions.save_scenario import save_scenario
from ambar.oms.setup import integration_plan as plans
from ambar.oms.setup.actions import addresses
from ambar.oms.setup.integrate import RETRY
from ambar.oms.stock.counts import Counted, set_on_hand
from tests.worlds import oms_upstream
from tests.worlds.oms_planning import make_rule
from tests.worlds.served_system import ServedSystem
from tests.worlds.waiting import LONG_SECONDS

SECRET = "the-secret-both-sides-know"
PASSWORD = "a-long-password-of-the-tests"
SKU = "AMB-TSH-001-M"
CLIENT, SELLER = "OMNITRON_CLIENT_SETTINGS", "SELLER_CENTER_SETTINGS"

FILL_MARKET = f"""
from django.conf import settings
settings.ALLOWED_HOSTS.append("testserver")
from ambar.kit import accounts
from ambar.seller_center.sellers.actions.change_seller import ChangeSeller, change_seller
from ambar.seller_center.sellers.actions.issue_oms_token import issue_oms_token
from tests.worlds import seller_center_market as market
cargo = {{"id": 1, "name": "Yurtiçi Kargo", "shipping_company": "yurtici"}}
market.take(*(market.shop_order(number, cargo_company=cargo) for number in (21, 22)))
change_seller(ChangeSeller(seller_id=market.seller().pk, hook_secret="{SECRET}"), now=market.NOW)
print(issue_oms_token(market.seller().pk, name="OMS", now=market.NOW))
print(issue_oms_token(market.seller("MODA-02").pk, name="OMS", now=market.NOW))
owner = accounts.ensure_user("owner", "{PASSWORD}", ["marketplace_owner"], None)
accounts.ensure_user("chief", "{PASSWORD}", ["marketplace_owner"], None)  # as at Omnitron: people keep their names
print(accounts.issue_token(owner, name="test"))
print(market.seller().pk)
"""
FILL_OMNITRON = f"""
from ambar.kit import accounts, clock, vault  # noqa: F401  re-exported to the tests
from ambar.kit.outbox import registry
from ambar.kit.outbox.actions.save_hook import create_hook
from ambar.kit.outbox.domain.hook_fields import read_hook
chief = accounts.ensure_user("chief", "{PASSWORD}", ["admin"], None)
accounts.ensure_user("reader", "{PASSWORD}", ["integration"], None)
accounts.ensure_user("nobody", "{PASSWORD}", [], None)
def hook(event, url, is_active):
    body = {{"event_type": event, "target_url": url, "is_active": is_active,
            "retry_countdown_config": {{"choice": "fixed", "kwargs": {{"seconds": 5}}}}}}
    read = read_hook(body, partial=False, known_type=registry.is_known)
    return create_hook(read, user_id=chief.pk, now=clock.now()).pk
for event in {plans.OMNITRON_EVENTS!r}:
    if registry.is_known(event):
        print(event, hook(event, "%(oms)s/api/v1/oms/" + event + "/", False))
hook("order.created", "%(other)s/api/v1/omnitron/orders/", True)
"""


@dataclass
class Systems:
    """The two systems around the OMS, and what it takes to set them right or wrong."""

    market: str
    omnitron: str
    oms: str
    closed: str
    token: str
    other_token: str
    owner_token: str
    seller_id: int
    market_database: str
    hooks: dict[str, int]

    def __post_init__(self) -> None:
        self.touched = False
        self.http = httpx2.Client(timeout=LONG_SECONDS, trust_env=False)
        key = self.http.post(
            f"{self.omnitron}/api/v1/auth/login/", json={"username": "chief", "password": PASSWORD}
        ).json()["key"]
        self.chief = {"Authorization": f"Token {key}"}

    def change_seller(self, **changes: Any) -> None:
        """PATCH the seller at the Seller Center, as its owner."""
        self.touched = True
        answer = self.http.patch(
            f"{self.market}/api/v1/sellers/{self.seller_id}/",
            json=changes,
            headers={"Authorization": f"Token {self.owner_token}"},
        )
        assert answer.status_code == 200, answer.text

    def switch_hook(self, event: str, is_active: bool) -> None:
        """Switch Omnitron's hook of this event that points at the OMS."""
        self.touched = True
        answer = self.http.patch(
            f"{self.omnitron}/api/v1/whisperer/hooks/{self.hooks[event]}/",
            json={"is_active": is_active},
            headers=self.chief,
        )
        assert answer.status_code == 200, answer.text

    def hooks_on(self) -> list[str]:
        """Target URLs of the hooks that are on at Omnitron."""
        listed = self.http.get(
            f"{self.omnitron}/api/v1/whisperer/hooks/?limit=999", headers=self.chief
        ).json()
        return sorted(hook["target_url"] for hook in listed["results"] if hook["is_active"])

    def mended(self) -> None:
        """As at the beginning, whatever a test did to the two."""
        if not self.touched:
            return
        self.change_seller(state="active", oms_managed=True, hook_secret=SECRET)
        for event in self.hooks:
            self.switch_hook(event, False)
        self.touched = False


@contextmanager
def two_systems(home: Path) -> Iterator[Systems]:
    """Both systems, started side by side; this process may call them, and they each other."""
    oms, closed = (f"http://{systems.LOOPBACK}:{systems.free_port()}" for _ in range(2))
    with ExitStack() as stack:
        market = ServedSystem(systems.SELLER_CENTER, home, fill=FILL_MARKET)
        omnitron = ServedSystem(systems.OMNITRON, home, fill="")
        omnitron.fill = FILL_OMNITRON % {"oms": oms, "other": market.url.rstrip("/")}
        before = os.environ.get("AMBAR_ALLOWED_TARGETS")
        hosts = [url.rstrip("/").removeprefix("http://") for url in (oms, closed, market.url, omnitron.url)]
        allowed = ",".join([*hosts, *([before] if before else [])])
        for one in (market, omnitron):
            one.environment["AMBAR_ALLOWED_TARGETS"] = allowed
        os.environ["AMBAR_ALLOWED_TARGETS"] = allowed
        stack.callback(_put_back, before)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(stack.enter_context, (market, omnitron)))
        token, other, owner, seller_id = market.told.splitlines()[-4:]
        hooks = dict(line.split() for line in omnitron.told.splitlines() if "." in line.split(" ")[0])
        yield Systems(
            market=market.url.rstrip("/"),
            omnitron=omnitron.url.rstrip("/"),
            oms=oms,
            closed=closed,
            token=token,
            other_token=other,
            owner_token=owner,
            seller_id=int(seller_id),
            market_database=_database(market.database),
            hooks={event: int(number) for event, number in hooks.items()},
        )


def _database(name: str) -> str:
    parts = urlsplit(os.environ["AMBAR_TEST_SERVER"])
    return parts._replace(path=f"/{name}").geturl()


def _put_back(before: str | None) -> None:
    if before is None:
        os.environ.pop("AMBAR_ALLOWED_TARGETS", None)
    else:
        os.environ["AMBAR_ALLOWED_TARGETS"] = before


def integrate(around: Systems) -> oms_upstream.Caller:
    """This OMS set up with the two systems, sound in every respect; answers its administrator."""
    now = clock.now()
    plan = plans.IntegrationPlan(
        oms_url=around.oms,
        oms_token="",
        omnitron_url=around.omnitron,
        omnitron_username="chief",
        omnitron_password=PASSWORD,
        seller_center_url=around.market,
        seller_center_token=around.token,
        supplier_code="AMBAR-01",
        hook_secret=SECRET,
        cargo_company_map={"yurtici": "Yurtiçi Kargo"},
        default_cargo_company="yurtici",
    )
    set_value.put(CLIENT, plans.client_settings(plan), now=now)
    set_value.put(SELLER, plans.seller_center_settings(plan), now=now)
    oms_upstream.forget()
    addresses.run(upstream_client.current(), lambda more, total: None)
    chief = accounts.ensure_user("chief", None, ["admin"], {})
    for event, url in plans.package_hooks(plan).items():
        put_hook(event, url, chief.pk, token=around.token, secret=SECRET)
    _goods()
    catalogue.ensure_channel("seller_center", 1, "Seller Center", "sales_channel")
    heartbeats.write([heartbeats.Pulse(name="intake")], now=now)
    return oms_upstream.Caller(accounts.issue_token(chief, name="test"))


def put_hook(event: str, url: str, user_id: int, *, token: str = "", secret: str | None = None) -> Hook:
    """A package hook as `ambar oms integrate` would make it."""
    body: dict[str, Any] = {"event_type": event, "target_url": url, "retry_countdown_config": RETRY}
    if token:
        body["additional_headers"] = {"Authorization": f"Token {token}"}
    if secret is not None:
        body["secret_key"] = secret
    read = read_hook(body, partial=False, known_type=registry.is_known)
    return create_hook({**read, "is_active": True}, user_id=user_id, now=clock.now())


def _goods() -> None:
    """One location with stock of one product, and a scenario that plans from it."""
    now = clock.now()
    location = upsert_stores([StoreRow(erp_code="WH1", name="Warehouse")])["WH1"]
    product = catalogue.ensure_products([(SKU, "T-shirt", "8690000000012", {})])[SKU]
    set_on_hand(
        [Counted(location_id=location, product_id=product, on_hand=Decimal(7))],
        reason="feed",
        cause=None,
        now=now,
    )
    save_scenario(
        {"name": "everything", "default_location": location, "is_active": True, "rules": [make_rule()]},
        now=now,
    )


def setting(key: str) -> dict[str, Any]:
    """A setting in clear."""
    return dict(settings_queries.clear(Setting.objects.get(key=key)))


def set_setting(key: str, **changed: Any) -> None:
    """Change a setting through its checks."""
    set_value.put(key, {**setting(key), **changed}, now=clock.now())
    oms_upstream.forget()


def force_setting(key: str, **changed: Any) -> None:
    """Change a setting behind the back of its checks, as a restored database or an older version may have."""
    row = Setting.objects.get(key=key)
    Setting.objects.filter(pk=row.pk).update(value={**row.value, **changed})
    oms_upstream.forget()


def set_entry(name: str, **changed: Any) -> None:
    """Change one entry of `endpoint_conf`; `token` stands for its auth."""
    value = setting(CLIENT)
    entry = next(one for one in value["endpoint_conf"] if one["endpoint"] == name)
    if "token" in changed:
        entry["auth"] = {"token": changed.pop("token")}
    entry.update(changed)
    set_setting(CLIENT, **value)
