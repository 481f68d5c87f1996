"""The carrier's HTTP interface: the documented paths of shipment flows; answers as in docs/decisions/0035-carriers.md."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import web

from ambar.carrier.book import Book, Refused
from ambar.kit.http.loopback import Loopback

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BOOK: web.AppKey[Book] = web.AppKey("book", Book)


def application(book: Book, *, username: str, password: str) -> web.Application:
    """The carrier as an aiohttp application."""
    expected = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/healthz":
            return await handler(request)
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode()):
            return web.json_response({"message": "wrong user name or password"}, status=401)
        missing = [
            name for name in ("x-akinon-request-id", "x-akinon-api-version") if name not in request.headers
        ]
        if missing:
            return web.json_response({"message": f"header {missing[0]} is required"}, status=400)
        try:
            return await handler(request)
        except Refused as refused:
            return web.json_response({"message": refused.message}, status=refused.status)

    app = web.Application(middlewares=[gate])
    app[BOOK] = book
    app.add_routes(
        [
            web.get("/healthz", _alive),
            web.post("/shipments", _take),
            web.get("/shipments", _query),
            web.get("/shipments/{id}/history", _history),
            web.get("/shipments/{id}/label", _label),
            web.patch("/shipments/{id}", _change),
            web.delete("/shipments/{id}", _withdraw),
            web.post("/search-appointment-dates", _dates),
            web.post("/easy-returns", _take_back),
            web.get("/easy-returns/{id}", _return),
            web.delete("/easy-returns/{id}", _call_off),
            web.post("/addresses", _address),
            web.get("/addresses/{id}", _address_detail),
        ]
    )
    return app


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "the body is not a JSON object")
    return body


async def _alive(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _take(request: web.Request) -> web.Response:
    return web.json_response(request.app[BOOK].take(await _body(request)))


async def _query(request: web.Request) -> web.Response:
    book = request.app[BOOK]
    asked = [reference for reference in request.query.getall("shipmentId", []) if reference in book.parcels]
    return web.json_response({"shipments": [book.told(reference) for reference in asked]})


async def _history(request: web.Request) -> web.Response:
    return web.json_response({"history": request.app[BOOK].told(request.match_info["id"])["history"]})


async def _label(request: web.Request) -> web.Response:
    from ambar.kit.paper.sheets import Sheet, pdf

    book, reference = request.app[BOOK], request.match_info["id"]
    told, body = book.told(reference), book.parcels[reference]["body"]
    to = body["destination"]
    lines = (
        f"{to.get('name', '')} {to.get('surname', '')}",
        str(to.get("addressLine", "")),
        str((to.get("city") or {}).get("name", "")),
        f"Sipariş: {body.get('orderNumber', '')}",
    )
    sheet = Sheet(heading="Kargo (simülasyon)", lines=lines, barcode=told["trackingNumber"])
    return web.Response(body=pdf([sheet], width=100, height=150), content_type="application/pdf")


async def _change(request: web.Request) -> web.Response:
    book, reference = request.app[BOOK], request.match_info["id"]
    given = await _body(request)
    with book.lock:
        book.story(reference)
        book.parcels[reference]["body"].update(given)
        book.save()
        return web.json_response(book.told(reference))


async def _withdraw(request: web.Request) -> web.Response:
    request.app[BOOK].withdraw(request.match_info["id"])
    return web.Response(status=204)


async def _dates(request: web.Request) -> web.Response:
    book, body = request.app[BOOK], await _body(request)
    book.story(str(body.get("shipmentId", "")))
    days = [(book.now() + timedelta(days=n)).date().isoformat() for n in range(1, 4)]
    slots = [{"date": day, "slots": ["09:00-12:00", "13:00-18:00"]} for day in days]
    return web.json_response({"appointmentDates": slots})


async def _take_back(request: web.Request) -> web.Response:
    book, body = request.app[BOOK], await _body(request)
    reference = str(body.get("shipmentId", ""))
    with book.lock:
        book.story(reference)
        told = {"shipmentId": reference, "returnCode": f"R{reference[:8]}", "status": "CREATED"}
        book.returns.setdefault(reference, told)
        book.save()
        return web.json_response(book.returns[reference])


async def _return(request: web.Request) -> web.Response:
    found = request.app[BOOK].returns.get(request.match_info["id"])
    if found is None:
        raise Refused(404, "no such return")
    return web.json_response(found)


async def _call_off(request: web.Request) -> web.Response:
    book = request.app[BOOK]
    if book.returns.pop(request.match_info["id"], None) is None:
        raise Refused(404, "no such return")
    book.save()
    return web.Response(status=204)


async def _address(request: web.Request) -> web.Response:
    book, body = request.app[BOOK], await _body(request)
    with book.lock:
        number = f"A{len(book.addresses) + 1}"
        book.addresses[number] = body
        book.save()
    return web.json_response({"addressId": number})


async def _address_detail(request: web.Request) -> web.Response:
    found = request.app[BOOK].addresses.get(request.match_info["id"])
    if found is None:
        raise Refused(404, "no such address")
    return web.json_response(found)


class Running(Loopback):
    """The carrier in a thread of this process; `book` holds its parcels."""

    def __init__(self, book: Book, *, username: str, password: str, port: int = 0) -> None:
        self.book = book
        super().__init__(application(book, username=username, password=password), name="carrier", port=port)


def serve(book: Book, *, port: int, address: str, username: str, password: str) -> None:
    """Serve until SIGTERM or SIGINT."""
    web.run_app(
        application(book, username=username, password=password),
        host=address,
        port=port,
        access_log=None,
        print=None,
    )
