"""Asking a service for an invoice, or for bill data: one question, one answer, one total time-out."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

import httpx2

from ambar.kit.http import AddressRefused
from ambar.kit.http import client as guarded_client
from ambar.kit.http.said import said_by
from ambar.oms.invoices.domain.answers import Answer, BadAnswer, read_answer
from ambar.oms.invoices.domain.asking import BILL, Service

LARGEST_ANSWER = 8 * 1024 * 1024
NOT_YET = (202, 204)

_lock = Lock()
_clients: dict[tuple[int, int], httpx2.Client] = {}


class InvoiceFailed(Exception):
    """The service did not do it; `reason` is fit for a person's eyes and holds no secret."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason[:500].rstrip(".")


def ask(service: Service, *, key: str, body: Mapping[str, Any], number: str) -> Answer:
    """Ask for one invoice: POST of the body, or GET with the numbers of package and order for bill data.

    `key` goes along as Idempotency-Key; `number` is our own one ("" when the service makes it). Raises `InvoiceFailed`.
    """
    answer = _send(service, key, body)
    if answer.status_code in NOT_YET:
        raise InvoiceFailed(f"status {answer.status_code}: there is no invoice yet")
    if answer.status_code not in (200, 201):
        raise InvoiceFailed(f"status {answer.status_code}{said_by(answer)}")
    try:
        return read_answer(answer.json(), number_made=bool(number))
    except (ValueError, RecursionError):
        raise InvoiceFailed("the answer is not JSON") from None
    except BadAnswer as bad:
        raise InvoiceFailed(bad.reason) from None


def _send(service: Service, key: str, body: Mapping[str, Any]) -> httpx2.Response:
    # A kept connection that the other side has closed would look like a lost answer.
    headers = {"Accept": "application/json", "Idempotency-Key": key, "Connection": "close"}
    options: dict[str, Any] = {"headers": headers}
    kind = service.auth["request_type"]
    if kind == "token":
        headers["Authorization"] = _token(service.auth)
    elif kind == "basic_auth":
        options["auth"] = (service.auth["username"], service.auth["password"])
    if service.purpose == BILL:
        package = body["package"]
        wanted = {"package_number": package["number"], "order_number": package["order_number"]}
        method, options["params"] = "GET", wanted
    else:
        method, options["json"] = "POST", dict(body)
    total = service.read_seconds + service.connect_seconds
    try:
        url = httpx2.URL(service.url)
        if "params" in options:
            url = url.copy_merge_params(options.pop("params"))
        return _client(service).request(method, url, **options)
    except AddressRefused as refused:
        raise InvoiceFailed(refused.message) from None
    except httpx2.TimeoutException:
        raise InvoiceFailed(f"no answer within {total} s") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
        # The text of these may quote a header, and with it a secret.
        raise InvoiceFailed(f"no answer ({type(error).__name__})") from None


def _token(auth: Mapping[str, Any]) -> str:
    header = f"{auth.get('token_prefix') or 'Bearer'} {auth['token']}"
    if not header.isascii() or not header.isprintable():
        raise InvoiceFailed("the token holds characters that no header can carry")
    return header


def _client(service: Service) -> httpx2.Client:
    times = (service.read_seconds, service.connect_seconds)
    with _lock:
        if times not in _clients:
            _clients[times] = guarded_client(
                read_ms=times[0] * 1000, connect_ms=times[1] * 1000, largest_answer=LARGEST_ANSWER
            )
        return _clients[times]
