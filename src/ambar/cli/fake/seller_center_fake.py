"""`ambar fake seller-center`: the Seller Center as a seller's OMS sees it, and nothing else of it.

Source: "Integrating OMS with Seller Center"; golden messages in `contracts/`. Runs against it and against the real one
are the same: `tests/contract/seller_center/test_the_fake_is_no_other_than_the_real_one.py`.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable, Sequence
from typing import Any

from aiohttp import web

from ambar.cli.fake.contract_server import Fake, Unknown, answer, body_of, object_of, paged, presented, row_of
from ambar.cli.fake.fault_gate import EXPIRED, HALF
from ambar.cli.fake.faults import Rule
from ambar.cli.fake.hook_sender import Subscription
from ambar.cli.fake.listing import Row
from ambar.cli.fake.orders_book import ITEMS, ORDERS, PLACES, PLANS, OrdersBook
from ambar.cli.fake.package_inbox import Inbox, envelope, signature_holds
from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits
from ambar.seller_center.orders.domain import versions

ROOT = "/api/v1/applications/oms"
CREATED = ("package.created",)
STATUSES = ("package.created", "package.status.*", "package.shipment.*")
_AREA = ("id", "pk", "name", "latitude", "longitude", "postcode", "is_active")
SHAPES = {
    "countries": ("id", "pk", "name", "code", "is_active"),
    "cities": (*_AREA, "country"),
    "townships": (*_AREA, "city"),
    "districts": (*_AREA, "city", "township"),
}
"""What the lists of places say; the hub's say more."""


class BadSignature(Unknown):
    """The signature of the event does not hold."""

    code = "signature_refused"


class SellerCenterFake(Fake):
    """Speaks the twelve named calls and takes package events.

    `token`: what the OMS presents; `hook_secret`: what signs its events, "" when signatures are not asked about. With
    `push_url` (the OMS's `/api/v1/oms`) orders and cancellation plans are pushed there, under `push_token`, signed alike.
    """

    title = "Seller Center"

    def __init__(
        self,
        book: OrdersBook,
        *,
        token: str,
        hook_secret: str = "",
        push_url: str = "",
        push_token: str = "",
        seed: int = 1,
        rules: Sequence[Rule] = (),
    ) -> None:
        super().__init__(book, seed=seed, rules=rules)
        self.token, self.hook_secret = token, hook_secret
        self.push_url, self.push_token = push_url.rstrip("/"), push_token
        self.inbox = Inbox()

    def subscribed(self, type_: str) -> Sequence[Subscription]:
        if not self.push_url:
            return ()
        path = "orders-webhook" if type_.startswith("order.") else "cancellation_plan"
        headers = {"Authorization": f"Token {self.push_token}"} if self.push_token else {}
        return [Subscription(url=f"{self.push_url}/{path}/", secret=self.hook_secret, headers=headers)]

    def received(self) -> dict[str, Any]:
        return {**self.book.told(), **self.inbox.told()}

    def forget(self) -> None:
        super().forget()
        self.inbox.forget()

    def routes(self) -> list[web.RouteDef]:
        found = [
            web.get(f"{ROOT}/active_user/", self._user),
            web.get(f"{ROOT}/orders/", self._orders),
            web.get(f"{ROOT}/orders/count/", self._count_orders),
            web.get(f"{ROOT}/orders/{{pk:\\d+}}/", self._order),
            web.patch(f"{ROOT}/orders/{{pk:\\d+}}/", self._mark_order),
            web.get(f"{ROOT}/cancellation_plans/", self._plans),
            web.get(f"{ROOT}/cancellation_plans/{{pk:\\d+}}/", self._plan),
            web.patch(f"{ROOT}/cancellation_plans/{{pk:\\d+}}/", self._answer_plan),
            web.post(f"{ROOT}/packages/", self._created),
            web.post(f"{ROOT}/packages/update-status/", self._status),
        ]
        for name in ("order_items", "orderitem_set"):
            found += [
                web.get(f"{ROOT}/{name}/", self._items),
                web.get(f"{ROOT}/{name}/{{pk:\\d+}}/", self._item),
            ]
            found.append(web.patch(f"{ROOT}/{name}/{{pk:\\d+}}/", self._change_item))
            for bulk in ("bulk_status_update", "bulk_update"):
                found += [
                    web.patch(f"{ROOT}/{name}/{bulk}/", self._bulk),
                    web.post(f"{ROOT}/{name}/{bulk}/", self._bulk),
                ]
        for kind in PLACES:
            found.append(web.get(f"{ROOT}/{{kind:{kind}}}/", self._places))
            found.append(web.get(f"{ROOT}/{{kind:{kind}}}/count/", self._count_places))
        return found

    def _allowed(self, request: web.Request) -> None:
        if not hmac.compare_digest(presented(request).encode(), self.token.encode()):
            raise Unknown()

    async def _user(self, request: web.Request) -> web.Response:
        self._allowed(request)
        name = f"oms:{self.book.supplier_code}"
        return answer({"id": 1, "pk": 1, "username": name, "name": name, "email": "", "is_active": True,
                       "is_superuser": False, "language": "en", "roles": ["oms"]})  # fmt: skip

    async def _orders(self, request: web.Request) -> web.Response:
        self._allowed(request)
        known = versions.known(request.headers)
        rows = self.book.orders.values() if known is None else self.book.unknown(known)
        told = {} if known is None else {"known": len(known.ids)}
        return paged(request, lambda asked, link: {**self.book.page(ORDERS, rows, asked, link), **told})

    async def _count_orders(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return answer({"count": len(self.book.orders)})

    async def _order(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return answer(row_of(self.book.orders, request))

    async def _mark_order(self, request: web.Request) -> web.Response:
        self._allowed(request)
        row, body = row_of(self.book.orders, request), await object_of(request)
        if isinstance(body.get("is_send"), bool):
            row["is_send"] = body["is_send"]
        return answer(row)

    async def _items(self, request: web.Request) -> web.Response:
        self._allowed(request)
        rows = [item for _, item in self.book.items.values()]
        return paged(request, lambda asked, link: self.book.page(ITEMS, rows, asked, link))

    async def _item(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return answer(row_of({key: item for key, (_, item) in self.book.items.items()}, request))

    async def _change_item(self, request: web.Request) -> web.Response:
        await self._item(request)
        body = await body_of(request)
        self.book.change_items(
            [{**(body if isinstance(body, dict) else {}), "id": int(request.match_info["pk"])}]
        )
        self._tell_changed([int(request.match_info["pk"])])
        return await self._item(request)

    def _tell_changed(self, items: Iterable[int]) -> None:
        for key in dict.fromkeys(self.book.items[item][0] for item in items):
            self.hooks.tell("order.updated", "order", self.book.orders[key])

    async def _bulk(self, request: web.Request) -> web.Response:
        self._allowed(request)
        done = self.book.change_items(await body_of(request), dice=request.get(HALF))
        self._tell_changed(item["id"] for item in done.items)
        return answer({"orderitem_set": done.items, **versions.told(request.headers, done.orders)})

    async def _plans(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return paged(
            request, lambda asked, link: self.book.page(PLANS, self.book.plans.values(), asked, link)
        )

    async def _plan(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return answer(row_of(self.book.plans, request))

    async def _answer_plan(self, request: web.Request) -> web.Response:
        self._allowed(request)
        body = await object_of(request)
        if "status" not in body:
            raise Invalid(fields={"status": ["This field is required."]})
        plan = self.book.answer_plan(int(request.match_info["pk"]), body)
        self.hooks.tell("cancellation_plan.updated", "cancellation_plan", plan)
        return answer(plan)

    def _rows(self, request: web.Request) -> list[Row]:
        kind = request.match_info["kind"]
        return [
            {name: row.get(name) for name in SHAPES[kind]} for row in self.book.places.rows[kind].values()
        ]

    async def _places(self, request: web.Request) -> web.Response:
        self._allowed(request)
        listing, rows = PLACES[request.match_info["kind"]], self._rows(request)
        return paged(request, lambda asked, link: self.book.page(listing, rows, asked, link))

    async def _count_places(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return answer({"count": len(self.book.places.rows[request.match_info["kind"]])})

    async def _created(self, request: web.Request) -> web.Response:
        return await self._take(request, CREATED)

    async def _status(self, request: web.Request) -> web.Response:
        return await self._take(request, STATUSES)

    async def _take(self, request: web.Request, types: tuple[str, ...]) -> web.Response:
        raw = await request.read()
        signed = any(name in request.headers for name in ("webhook-signature", "X-Whisperer-Signature"))
        if "Authorization" in request.headers or not (signed and self.hook_secret) or request.get(EXPIRED):
            self._allowed(request)
        if self.hook_secret and not signature_holds(request.headers, raw, self.hook_secret, now=time.time()):
            raise BadSignature()
        type_, uuid, payload = envelope(await body_of(request))
        claimed = payload.get("supplier_code")
        if claimed is not None and claimed != self.book.supplier_code:
            raise Invalid(
                fields={
                    "payload.supplier_code": [f"This token belongs to another supplier than {claimed!r}."]
                }
            )
        if not any(type_ == one or (one.endswith("*") and type_.startswith(one[:-1])) for one in types):
            raise Invalid(fields={"event": {"type": [f"{type_} is not taken here: {', '.join(types)}."]}})
        sequence = request.headers.get("X-Ambar-Sequence", "")
        told, is_new = self.inbox.take(
            uuid,
            type_,
            payload,
            sequence=int(sequence) if is_digits(sequence) else None,
        )
        return answer(told, 201 if is_new else 200)
