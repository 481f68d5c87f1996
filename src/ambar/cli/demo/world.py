"""The world of the demo, built over the public APIs; every step finds what is there already and goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ambar.cli.demo.stage import INTEGRATION_PASSWORD, PASSWORD, Stage
from ambar.cli.wire import Unexpected, Wire
from ambar.omnitron.catalogue import sample
from ambar.omnitron.catalogue.sample_words import ORDER_PROVINCES

DEMO_SELLER = "AMBAR-01"
SELLERS = (
    (DEMO_SELLER, "Ambar Konsept", True),
    ("MODA-02", "Moda Evi", False),
    ("LEZZET-03", "Lezzet Deposu", False),
)
"""supplier code, name, whether an OMS manages its orders."""
CARRIERS = (("yurtici-kargo", "Yurtiçi Kargo", "yurtici"), ("aras-kargo", "Aras Kargo", "aras"))
CHUNK = 500
LEVELS = ("cities", "townships", "districts")
DEFAULT_LOCATION = "AMB-IST-03"
"""The depot: what no rule can place waits there."""
PIECES = 400
"""Most pieces of a product in one store; enough that a demo rarely runs out, few enough that it may."""
HOOK_SECRET = "demo-hook-secret-0123456789"  # noqa: S105  of demo data only
OMNITRON_HOOK_SECRET = "demo-omnitron-secret-0123456789"  # noqa: S105
RETRY = {"choice": "exponential", "kwargs": {"base": 2, "limit": 60}}
ORDER_EVENTS = ("order.created", "order.updated")
SELLER_CENTER_CALLER = "seller-center"
"""The word under which the Seller Center tells the hub of items; what it was answered is not told to it again."""
OMS_OWN_HOOKS = {
    "order.created": "/api/v1/oms/orders-webhook/",
    "order.updated": "/api/v1/oms/orders-webhook/",
    "cancellation_plan.created": "/api/v1/oms/cancellation_plan/",
    "cancellation_plan.updated": "/api/v1/oms/cancellation_plan/",
    "retail_store.created": "/api/v1/oms/stocklocations-webhook/",
    "retail_store.updated": "/api/v1/oms/stocklocations-webhook/",
}
"""What a fresh OMS registers at Omnitron by itself; the first set-up step switches these off again."""
PLAN_EVENTS = ("cancellation_plan.created", "cancellation_plan.updated")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the traffic needs: the shop's channel, its goods, and the demo seller's token."""

    channel: int
    goods: list[dict[str, Any]]
    seller_token: str


SUPPLIERS = (DEMO_SELLER, DEMO_SELLER, SELLERS[1][0], DEMO_SELLER, DEMO_SELLER, SELLERS[2][0])
"""Who supplies the first, second, … product, over and over: two thirds are the demo seller's."""


class Builder:
    """Builds the world step by step; `steps()` yields a line per step, `world` is there afterwards."""

    def __init__(self, stage: Stage, *, seed: int) -> None:
        self.stage, self.seed = stage, seed
        self.omnitron = stage.wire("omnitron")
        self.seller_center = stage.wire("seller_center")
        self.world: World | None = None

    def steps(self) -> Iterator[str]:
        yield self._places()
        channel = self._channel()
        goods = sample.products(self.seed)
        yield self._catalogue(goods)
        yield self._stores(sample.retail_stores(), goods)
        yield self._connect_omnitron()
        token, line = self._sellers(goods)
        yield line
        self.world = World(channel=channel, goods=goods, seller_token=token)

    # -- Omnitron --------------------------------------------------------------------------------------

    def _places(self) -> str:
        if self.omnitron.get("/api/v1/townships/count/")["count"] < 973:
            self.omnitron.post(
                "/api/v1/places/import/", {"districts_of": [code for code, _ in ORDER_PROVINCES]}
            )
        counts = [f"{self.omnitron.get(f'/api/v1/{level}/count/')['count']} {level}" for level in LEVELS]
        return f"Omnitron: {', '.join(counts)}"

    def _channel(self) -> int:
        found = self.omnitron.get("/api/v1/channels/", name="Ambar Shop")["results"]
        channel = (
            found[0]
            if found
            else self.omnitron.post("/api/v1/channels/", {"name": "Ambar Shop", "channel_type": "web"})
        )
        known = {row["erp_code"] for row in self.omnitron.rows("/api/v1/cargos/")}
        for code, name, company in CARRIERS:
            if code not in known:
                self.omnitron.post(
                    "/api/v1/cargos/", {"erp_code": code, "name": name, "shipping_company": company}
                )
        return int(channel["pk"])

    def _catalogue(self, goods: Sequence[dict[str, Any]]) -> str:
        self._load("products", goods)
        lists = self.omnitron.get("/api/v1/price_lists/", name="Liste")["results"]
        price_list = (
            lists[0]
            if lists
            else self.omnitron.post("/api/v1/price_lists/", {"name": "Liste", "currency": "try"})
        )
        self._load("product_prices", sample.prices(goods, price_list=price_list["pk"]))
        return f"Omnitron: {len(goods)} products with prices"

    def _stores(self, shops: Sequence[dict[str, Any]], goods: Sequence[dict[str, Any]]) -> str:
        self._load("retail_stores", shops)
        have = {row["retail_store"] for row in self.omnitron.rows("/api/v1/stock_lists/")}
        fresh = []
        for store in self.omnitron.rows("/api/v1/retail_stores/"):
            if store["pk"] not in have:
                self.omnitron.post(
                    "/api/v1/stock_lists/",
                    {
                        "name": f"Stok {store['erp_code']}",
                        "code": store["erp_code"],
                        "retail_store": store["pk"],
                    },
                )
                fresh.append(store["erp_code"])
        if fresh:
            stores = [row for row in shops if row["erp_code"] in fresh]
            self._load("product_stocks", sample.stocks(self.seed, goods, stores, most=PIECES))
        return f"Omnitron: {len(shops)} stores, stock in each"

    def _load(self, resource: str, rows: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(rows), CHUNK):
            answer = self.omnitron.post(f"/api/v1/{resource}/bulk/", {resource: rows[start : start + CHUNK]})
            refused = [row for row in answer["rows"] if row["result"] == "refused"]
            if refused:
                raise Unexpected(f"{resource}: {len(refused)} rows refused, the first: {refused[0]}")

    # -- Seller Center ---------------------------------------------------------------------------------

    def _connect_omnitron(self) -> str:
        self.seller_center.put("/api/v1/settings/omnitron/", {
            "base_url": self.stage.url("omnitron"), "username": "integration", "password": INTEGRATION_PASSWORD, "hook_secret": OMNITRON_HOOK_SECRET,
        })  # fmt: skip
        hub = Wire(self.stage.url("omnitron"))
        hub.login("integration", INTEGRATION_PASSWORD)
        token = self._receiver_token()
        targets = [(event, "/api/v1/omnitron/orders/") for event in ORDER_EVENTS]
        targets += [(event, "/api/v1/omnitron/cancellation-plans/") for event in PLAN_EVENTS]
        for event, path in targets:
            ensure_hook(
                hub,
                event=event,
                target=self.stage.url("seller_center") + path,
                secret=OMNITRON_HOOK_SECRET,
                token=token,
                config={"caller": SELLER_CENTER_CALLER},
            )
        for event, path in OMS_OWN_HOOKS.items():
            ensure_hook(
                hub,
                event=event,
                target=self.stage.url("oms") + path,
                secret=OMNITRON_HOOK_SECRET,
                token=self.stage.tokens["oms"],
            )
        if self.seller_center.get("/api/v1/setup/places/get_async_status/")["status"] != "FINISHED":
            self.seller_center.post("/api/v1/setup/places/execute/", {})
            self._wait_places()
        return "Seller Center: connected to Omnitron, places copied"

    def _receiver_token(self) -> str:
        return self.stage.tokens["seller_center"]

    def _wait_places(self, *, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status = self.seller_center.get("/api/v1/setup/places/get_async_status/")
            if status["status"] == "FINISHED":
                return
            if status["status"] == "FAILED":
                raise Unexpected(f"Seller Center could not copy the places: {status.get('reason')}")
            time.sleep(0.2)
        raise Unexpected(f"Seller Center did not copy the places within {seconds:.0f} s")

    def _sellers(self, goods: Sequence[dict[str, Any]]) -> tuple[str, str]:
        upstream = {row["sku"]: row["pk"] for row in self.omnitron.rows("/api/v1/products/")}
        products = [{"sku": row["sku"], "name": row["name"], "base_code": row["base_code"], "barcode": row["barcode"],
                     "attributes": row["attributes"], "upstream_id": upstream[row["sku"]]} for row in goods]  # fmt: skip
        self.seller_center.post("/api/v1/catalogue/products/", {"products": products})
        known = {row["supplier_code"]: row for row in self.seller_center.rows("/api/v1/sellers/")}
        token = ""
        for code, name, managed in SELLERS:
            seller = known.get(code) or self.seller_center.post(
                "/api/v1/sellers/", {"supplier_code": code, "name": name, "oms_managed": managed}
            )
            mine = [{"sku": row["sku"], "stock": 10_000, "retail_price": row["list_price"], "sale_price": row["list_price"]}
                    for n, row in enumerate(goods) if SUPPLIERS[n % len(SUPPLIERS)] == code]  # fmt: skip
            self.seller_center.post("/api/v1/offers/", {"seller": seller["id"], "offers": mine})
            if code == DEMO_SELLER:
                token = self._seller_access(seller["id"])
        return token, f"Seller Center: {len(SELLERS)} sellers, {len(goods)} offers"

    def _seller_access(self, seller_id: int) -> str:
        """The demo seller's OMS token, made once and kept with the stage's tokens; its people and its hook secret."""
        kept = self.stage.tokens.get("seller_oms")
        if kept:
            return kept
        self.seller_center.patch(f"/api/v1/sellers/{seller_id}/", {"hook_secret": HOOK_SECRET})
        try:
            self.seller_center.post(
                f"/api/v1/sellers/{seller_id}/users/", {"username": "seller", "password": PASSWORD}
            )
        except Unexpected as refused:
            if "already" not in str(refused):
                raise
        token: str = self.seller_center.post(f"/api/v1/sellers/{seller_id}/oms_token/", {"name": "OMS"})[
            "token"
        ]
        self.stage.keep_token("seller_oms", token)
        return token


def ensure_hook(
    wire: Wire,
    *,
    event: str,
    target: str,
    secret: str,
    token: str,
    config: Mapping[str, Any] | None = None,
) -> None:
    """Registers the hook, or does nothing when it is registered already (406)."""
    body = {"event_type": event, "target_url": target, "secret_key": secret, "is_active": True, "retry_countdown_config": RETRY,
            "additional_headers": {"Authorization": f"Token {token}"}, "config": dict(config or {})}  # fmt: skip
    try:
        wire.post("/api/v1/whisperer/hooks/", body)
    except Unexpected as refused:
        if "webhook_100_2" not in str(refused):
            raise
