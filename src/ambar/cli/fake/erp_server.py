"""The ERP's HTTP interface: the invoice and bill contract of docs/decisions/0036-invoices.md."""

from __future__ import annotations

import asyncio
import base64
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from ambar.cli.fake.erp_ledger import BUSY, GARBLED, LOST, REFUSED, Entry, Ledger
from ambar.kit.http.loopback import Loopback

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LEDGER: web.AppKey[Ledger] = web.AppKey("ledger", Ledger)
LINKS: web.AppKey[bool] = web.AppKey("links", bool)


def application(
    ledger: Ledger, *, username: str = "", password: str = "", token: str = "", links: bool = False
) -> web.Application:
    """The ERP as an aiohttp application. `links`: documents are linked to instead of sent along.

    With a token (`Authorization: Bearer …`) or a user name and password these are asked for; without, anybody may ask.
    """
    expected = f"Bearer {token}" if token else ""
    if username:
        expected = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        closed = request.path in ("/invoices", "/bills")
        if closed and expected and not hmac.compare_digest(given.encode(), expected.encode()):
            return web.json_response({"message": "this caller may not ask"}, status=401)
        return await handler(request)

    app = web.Application(middlewares=[gate], client_max_size=16 * 1024 * 1024)
    app[LEDGER], app[LINKS] = ledger, links
    app.add_routes(
        [
            web.get("/healthz", _alive),
            web.post("/invoices", _invoice),
            web.get("/bills", _bill),
            web.get("/ledger", _ledger),
            web.get("/invoices/{number}/document", _document),
        ]
    )
    return app


async def _alive(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _invoice(request: web.Request) -> web.Response:
    try:
        body = await request.json()
    except ValueError:
        body = None
    package = body.get("package") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(package, dict) or not package.get("number"):
        return web.json_response({"message": "package.number is required"}, status=400)
    if not body.get("items"):
        return web.json_response({"message": "items are required"}, status=422)
    return await _answer(request, "invoice", str(package["number"]), str(body.get("invoice_number") or ""))


async def _bill(request: web.Request) -> web.Response:
    number = request.query.get("package_number", "")
    if not number:
        return web.json_response({"message": "package_number is required"}, status=400)
    return await _answer(request, "bill", number, "")


async def _answer(request: web.Request, kind: str, package_number: str, number: str) -> web.Response:
    ledger = request.app[LEDGER]
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return web.json_response({"message": "header Idempotency-Key is required"}, status=400)
    fate, seconds = ledger.fate(package_number)
    await asyncio.sleep(seconds)
    if fate == BUSY:
        return web.json_response({"message": "the books are closed for a moment"}, status=503)
    if fate == REFUSED:
        return web.json_response({"message": "the customer's tax number is not known"}, status=422)
    if fate == GARBLED:
        return web.Response(text="<html>Bad gateway</html>", content_type="text/html")
    entry = ledger.enter(kind, key, package_number, number)
    if fate == LOST and request.transport is not None:
        request.transport.abort()
    return web.json_response(_told(request, entry))


def _told(request: web.Request, entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {"invoice_number": entry.number, "invoice_date": entry.at.isoformat()}
    if entry.kind == "bill":
        return {**told, "document_type": "bill"}
    told["document_type"] = "e_archive"
    if request.app[LINKS]:
        return {**told, "invoice_url": f"{request.url.origin()}/invoices/{entry.number}/document"}
    return {**told, "document_content": base64.b64encode(_paper(entry)).decode()}


def _paper(entry: Entry) -> bytes:
    from ambar.kit.paper.sheets import Sheet, pdf

    lines = (f"{entry.at:%Y-%m-%d}", f"Paket: {entry.package_number}", "Simülasyon, mali belge değildir.")
    sheet = Sheet(heading=f"e-Arşiv Fatura {entry.number}", lines=lines, barcode=entry.number)
    return pdf([sheet], width=210, height=297)


async def _ledger(request: web.Request) -> web.Response:
    ledger = request.app[LEDGER]
    rows = [
        {
            "kind": entry.kind,
            "idempotency_key": entry.key,
            "invoice_number": entry.number,
            "package_number": entry.package_number,
            "tries": ledger.tries.get(entry.package_number, 0),
        }
        for entry in ledger.entries.values()
    ]
    return web.json_response({"count": len(rows), "results": rows})


async def _document(request: web.Request) -> web.Response:
    number = request.match_info["number"]
    found = next((one for one in request.app[LEDGER].entries.values() if one.number == number), None)
    if found is None:
        return web.json_response({"message": "no such invoice"}, status=404)
    return web.Response(body=_paper(found), content_type="application/pdf")


class Running(Loopback):
    """The ERP in a thread of this process; `options` as for `application`."""

    def __init__(self, ledger: Ledger, **options: Any) -> None:
        super().__init__(application(ledger, **options), name="erp")


def serve(ledger: Ledger, *, port: int, address: str, **options: Any) -> None:
    """Serve until SIGTERM or SIGINT; `options` as for `application`."""
    web.run_app(application(ledger, **options), host=address, port=port, access_log=None, print=None)
