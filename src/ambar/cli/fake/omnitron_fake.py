"""`ambar fake omnitron`: the commerce hub as an OMS sees it behind a Seller Center, and nothing else of it.

Sign-in, hooks, channels, goods, stores, stock and places. Source: Omnitron API; `docs/decisions/0010-hook-switch-off.md`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from ambar.cli.fake.contract_server import Fake, Unknown, answer, body_of, paged, presented, query, row_of
from ambar.cli.fake.fault_gate import EXPIRED
from ambar.cli.fake.faults import Rule
from ambar.cli.fake.hook_sender import Subscription
from ambar.cli.fake.hub_book import EVENTS, HOOKS, LISTS, HubBook
from ambar.cli.fake.listing import refuse_unknown
from ambar.cli.fake.orders_book import OrdersBook
from ambar.kit.refusals import Invalid

ROOT = "/api/v1"


def basic(config: Any) -> dict[str, str]:
    """The header of a hook with `config.auth`."""
    auth = config.get("auth") if isinstance(config, Mapping) else None
    if not isinstance(auth, Mapping) or auth.get("auth_type") != "basic":
        return {}
    pair = f"{auth.get('username', '')}:{auth.get('password', '')}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


class OmnitronFake(Fake):
    """Signs in whoever knows the password; a token stays good until the fault `expire` forgets all of them."""

    title = "Omnitron"

    def __init__(
        self, hub: HubBook, *, username: str, password: str, seed: int = 1, rules: Sequence[Rule] = ()
    ) -> None:
        super().__init__(OrdersBook(seed=seed, places=hub.places), seed=seed, rules=rules)
        self.hub, self.username, self.password, self.seed = hub, username, password, seed
        self.tokens: set[str] = set()
        self.logins = 0

    def subscribed(self, type_: str) -> Sequence[Subscription]:
        rows = [row for row in self.hub.hooks.values() if row["is_active"] and row["event_type"] == type_]
        return [
            Subscription(
                url=row["target_url"], secret=row["secret_key"] or "",
                headers={**basic(row["config"]), **{name: str(value) for name, value in (row["additional_headers"] or {}).items()}},
            )
            for row in rows
        ]  # fmt: skip

    def received(self) -> dict[str, Any]:
        hooks = [
            {name: row[name] for name in ("id", "event_type", "target_url", "is_active")}
            for row in self.hub.hooks.values()
        ]
        return {"logins": self.logins, "hooks": hooks}

    def routes(self) -> list[web.RouteDef]:
        hooks = f"{ROOT}/whisperer/hooks/"
        found = [
            web.post(f"{ROOT}/auth/login/", self._login),
            web.post("/api/i1/auth/login/", self._login),
            web.get(f"{ROOT}/active_user/", self._user),
            web.get(hooks, self._hooks),
            web.post(hooks, self._add_hook),
            web.get(f"{hooks}registry/", self._registry),
            web.get(f"{hooks}{{pk:\\d+}}/", self._hook),
            web.patch(f"{hooks}{{pk:\\d+}}/", self._change_hook),
            web.delete(f"{hooks}{{pk:\\d+}}/", self._switch_off),
            web.get(f"{ROOT}/retail_stores/detailed/", self._stores),
        ]
        for name in LISTS:
            found.append(web.get(f"{ROOT}/{{name:{name}}}/", self._list))
            found.append(web.get(f"{ROOT}/{{name:{name}}}/count/", self._count))
            found.append(web.get(f"{ROOT}/{{name:{name}}}/{{pk:\\d+}}/", self._one))
        return found

    async def _login(self, request: web.Request) -> web.Response:
        self._forget_if_told(request)
        body = await body_of(request)
        if not isinstance(body, dict):
            raise Invalid(fields={"non_field_errors": ["Expected an object."]})
        missing = {name: ["This field is required."] for name in ("username", "password") if name not in body}
        if missing:
            raise Invalid(fields=missing)
        if (body["username"], body["password"]) != (self.username, self.password):
            return answer(
                {
                    "non_field_errors": ["Unable to log in with provided credentials."],
                    "code": "authorization",
                },
                400,
            )
        with self.lock:
            self.logins += 1
            token = hashlib.sha256(f"{self.seed} {self.logins}".encode()).hexdigest()[:40]
            self.tokens.add(token)
        return answer({"key": token})

    def _allowed(self, request: web.Request) -> None:
        self._forget_if_told(request)
        if presented(request) not in self.tokens:
            raise Unknown()

    def _forget_if_told(self, request: web.Request) -> None:
        if request.get(EXPIRED):
            self.tokens.clear()

    async def _user(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return answer({"id": 1, "pk": 1, "username": self.username, "name": self.username, "email": "", "is_active": True,
                       "is_superuser": False, "language": "en", "roles": ["integration"]})  # fmt: skip

    async def _list(self, request: web.Request) -> web.Response:
        self._allowed(request)
        name = request.match_info["name"]
        return paged(request, lambda asked, link: self.hub.page(name, asked, link))

    async def _stores(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return paged(request, lambda asked, link: self.hub.page("retail_stores", asked, link, detailed=True))

    async def _count(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return answer({"count": len(self.hub.rows[request.match_info["name"]])})

    async def _one(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return answer(row_of(self.hub.rows[request.match_info["name"]], request))

    async def _hooks(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return paged(request, lambda asked, link: HOOKS.page(self.hub.hooks.values(), asked, link))

    async def _registry(self, request: web.Request) -> web.Response:
        self._allowed(request)
        refuse_unknown(query(request), known=("limit", "page"))
        return answer(list(EVENTS))

    async def _hook(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return answer(row_of(self.hub.hooks, request))

    async def _add_hook(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return answer(self.hub.add_hook(await body_of(request), user=self.username), 201)

    async def _change_hook(self, request: web.Request) -> web.Response:
        self._allowed(request)
        return answer(self.hub.change_hook(int(request.match_info["pk"]), await body_of(request)))

    async def _switch_off(self, request: web.Request) -> web.Response:
        self._allowed(request)
        self.hub.change_hook(int(request.match_info["pk"]), {"is_active": False})
        return web.Response(status=204)
