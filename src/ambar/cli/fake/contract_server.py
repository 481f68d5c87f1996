"""What both fakes have in common: refusals as the wire says them, tokens, the control interface, running."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
from aiohttp import web

from ambar.cli.fake.calls import Calls
from ambar.cli.fake.fault_gate import ELSEWHERE, EXPIRED, Gate
from ambar.cli.fake.faults import HOOK, Injector, Rule, rules
from ambar.cli.fake.hook_sender import Sender, Subscription
from ambar.cli.fake.listing import Query, Row
from ambar.cli.fake.orders_book import OrdersBook
from ambar.kit import clock
from ambar.kit.http.loopback import Loopback
from ambar.kit.refusals import Invalid, NotFound, Refusal
from ambar.kit.rest import strict_json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CONTROL = ("/ledger", "/faults", "/world/", "/healthz")
LARGEST_BODY = 10 * 1024 * 1024


class Unknown(Refusal):
    """Invalid token."""

    code = "authentication_failed"


class Unsigned(Unknown):
    """Authentication credentials were not provided."""

    code = "not_authenticated"


def presented(request: web.Request) -> str:
    """The token of the call. Errors: `Unsigned` without one, `Unknown` when the header is none or the token expired."""
    header = request.headers.get("Authorization", "")
    if not header:
        raise Unsigned()
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "token" or not token.strip():
        raise Unknown("Invalid token header.")
    if request.get(EXPIRED):
        raise Unknown()
    return token.strip()


def answer(body: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def query(request: web.Request) -> Query:
    """The parameters, repeated ones together."""
    return {name: request.query.getall(name) for name in request.query}


async def body_of(request: web.Request) -> Any:
    """The JSON sent. Errors: `Invalid`."""
    return strict_json.loads(await request.read())


async def object_of(request: web.Request) -> dict[str, Any]:
    """The JSON object sent. Errors: `Invalid`."""
    if not await request.read():
        raise Invalid(fields={"non_field_errors": ["This field is required."]})
    body = await body_of(request)
    if not isinstance(body, dict):
        raise Invalid(fields={"non_field_errors": ["An object is expected."]})
    return body


def paged(request: web.Request, book_page: Callable[..., dict[str, Any]]) -> web.Response:
    """A page of a list, its links under the address it was asked at."""
    return answer(book_page(query(request), lambda number: str(request.url.update_query(page=number))))


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every "no" as the wire says it."""
    try:
        return await handler(request)
    except Unknown as refusal:
        told = answer({"detail": refusal.message, "code": refusal.code}, 401)
        told.headers["WWW-Authenticate"] = "Token"
        return told
    except NotFound as refusal:
        return answer({"detail": refusal.message, "code": refusal.code}, 404)
    except Invalid as refusal:
        return answer(refusal.fields or {"detail": refusal.message, "code": refusal.code}, 400)
    except Refusal as refusal:
        return answer(refusal.as_dict(), 406)
    except web.HTTPRequestEntityTooLarge:
        return answer({"detail": "The body is too large.", "code": "request_too_large"}, 413)
    except web.HTTPMethodNotAllowed:
        return answer({"detail": f'Method "{request.method}" not allowed.'}, 405)
    except web.HTTPException as error:
        return answer({"detail": "Not found." if error.status == 404 else str(error.reason)}, error.status)


class Fake:
    """One fake system: its orders, its calls, its faults. `title` is for people."""

    title = "fake"

    def __init__(self, book: OrdersBook, *, seed: int = 1, rules: Sequence[Rule] = ()) -> None:
        self.book, self.calls = book, Calls()
        self.injector, self.hook_faults = Injector(seed=seed), Injector(seed=seed)
        self.go_wrong(rules)
        self.hooks = Sender(self.subscribed, self.hook_faults)
        self.lock = threading.RLock()

    def go_wrong(self, rules: Sequence[Rule]) -> None:
        """Go by these rules from now on, for what is asked and for what is sent."""
        self.injector.put([one for one in rules if one.method != HOOK])
        self.hook_faults.put([one for one in rules if one.method == HOOK])

    def subscribed(self, type_: str) -> Sequence[Subscription]:
        """Who is told of an event."""
        return ()

    def routes(self) -> list[web.RouteDef]:
        """The wire contract."""
        return []

    def received(self) -> dict[str, Any]:
        """What the ledger tells besides the calls."""
        return self.book.told()

    def forget(self) -> None:
        """Empty the ledger."""
        self.calls.forget()
        self.hooks.sent.clear()

    def application(self) -> web.Application:
        """The fake as an aiohttp application."""
        gate = Gate(self.injector, self.calls, control=CONTROL, vanish=self.book.vanish)
        app = web.Application(middlewares=[gate.middleware, refusals], client_max_size=LARGEST_BODY)
        app.cleanup_ctx.append(self.hooks.running)
        app.add_routes([one for route in self.routes() for one in _as_there(route)])
        app.add_routes(
            [
                web.get("/healthz", self._alive),
                web.route("*", ELSEWHERE, self._alive),
                web.get("/ledger", self._ledger),
                web.delete("/ledger", self._empty),
                web.get("/faults", self._faults),
                web.put("/faults", self._put_faults),
                web.delete("/faults", self._no_faults),
                web.post("/world/orders", self._more_orders),
                web.patch("/world/orders/{pk:\\d+}", self._change_order),
                web.delete("/world/orders/{pk:\\d+}", self._delete_order),
                web.post("/world/cancellation_plans", self._cancel),
            ]
        )
        return app

    async def _alive(self, request: web.Request) -> web.Response:
        return answer({"status": "ok"})

    async def _ledger(self, request: web.Request) -> web.Response:
        return answer({**self.calls.told(), "hooks_sent": list(self.hooks.sent), **self.received()})

    async def _empty(self, request: web.Request) -> web.Response:
        self.forget()
        return web.Response(status=204)

    async def _faults(self, request: web.Request) -> web.Response:
        return answer({"rules": [*self.injector.told(), *self.hook_faults.told()]})

    async def _put_faults(self, request: web.Request) -> web.Response:
        self.go_wrong(rules(await body_of(request)))
        return await self._faults(request)

    async def _no_faults(self, request: web.Request) -> web.Response:
        self.go_wrong([])
        return web.Response(status=204)

    async def _more_orders(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        count = body.get("count", 1) if isinstance(body, dict) else None
        if not isinstance(count, int) or isinstance(count, bool) or not 0 < count <= 100_000:
            raise Invalid(fields={"count": ["A whole number between 1 and 100000 is required."]})
        made = self.book.more(count, at=clock.now())
        for row in made:
            self.hooks.tell("order.created", "order", row)
        return answer({"count": len(made), "numbers": [row["number"] for row in made]}, 201)

    async def _change_order(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        if not isinstance(body, dict):
            raise Invalid(fields={"non_field_errors": ["Expected an object."]})
        row = self.book.change(int(request.match_info["pk"]), body)
        self.hooks.tell("order.updated", "order", row)
        return answer(row)

    async def _delete_order(self, request: web.Request) -> web.Response:
        self.book.remove(int(request.match_info["pk"]))
        return web.Response(status=204)

    async def _cancel(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        key = body.get("order") if isinstance(body, dict) else None
        if not isinstance(key, int) or isinstance(key, bool):
            raise Invalid(fields={"order": ["The id of an order is required."]})
        plan = self.book.plan(key, body.get("items"))
        self.hooks.tell("cancellation_plan.created", "cancellation_plan", plan)
        return answer(plan, 201)


class Running(Loopback):
    """A fake in a thread of this process, on a free port."""

    def __init__(self, fake: Fake) -> None:
        self.fake = fake
        super().__init__(fake.application(), name=fake.title)


def serve(fake: Fake, *, port: int, address: str) -> None:
    """Serve until SIGTERM or SIGINT."""
    web.run_app(fake.application(), host=address, port=port, access_log=None, print=None)


def _as_there(route: web.RouteDef) -> list[web.RouteDef]:
    """The route as the real systems have it: HEAD is no method, and the slash at the end may be left out."""
    options = {**route.kwargs, **({"allow_head": False} if route.method == "GET" else {})}
    paths = [route.path, *([route.path.removesuffix("/")] if route.path.endswith("/") else [])]
    return [web.RouteDef(route.method, path, route.handler, options) for path in paths]


def row_of(rows: dict[int, Row], request: web.Request) -> Row:
    """The row the path names. Errors: `NotFound`."""
    found = rows.get(int(request.match_info["pk"]))
    if found is None:
        raise NotFound("Not found.")
    return found
