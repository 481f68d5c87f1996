"""An ERP on loopback that answers as a test says, and transitions that ask it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ambar.kit import vault
from ambar.oms.states.domain.parameters import with_secrets
from ambar.oms.states.models import StateTransition

PACK = "complete-packaging-from-waiting"


class _Server(ThreadingHTTPServer):
    request_queue_size = 64


class Erp:
    """`behave(request)` answers (status, body); a request is `{"method", "path", "headers", "body"}`, kept in `asked`."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.behave: Callable[[dict[str, Any]], tuple[int, Any]] = lambda _: (200, {"invoice_number": "F1"})
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._answer(self)

            def do_POST(self) -> None:
                outer._answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.address}/invoices"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def keys(self) -> list[str]:
        """The Idempotency-Key of each question."""
        return [request["headers"]["Idempotency-Key"] for request in self.asked]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        request = {
            "method": handler.command,
            "path": handler.path,
            "headers": dict(handler.headers),
            "body": json.loads(raw) if raw else None,
        }
        self.asked.append(request)
        status, body = self.behave(request)
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(sent)))
            handler.end_headers()
            handler.wfile.write(sent)
        except OSError:
            handler.close_connection = True


def asks(slug: str, **parameters: Any) -> None:
    """Let a transition ask outside, its secrets sealed as the interface stores them."""
    StateTransition.objects.filter(slug=slug).update(parameters=with_secrets(parameters, vault.seal))


def invoice_call(erp: Erp, **changed: Any) -> dict[str, Any]:
    """A `remote_invoice_call` to this ERP."""
    return {
        "auth": {"request_type": "anonymous"},
        "timeouts": {"read": 5, "connect": 1},
        "remote_url": erp.url,
        "generate_invoice_number": False,
        "generate_invoice_url": False,
        **changed,
    }
