"""An outside stock service: answers what a test tells it, notes what it was asked."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Service:
    """`stock`: `{sku: {erp_code: figure}}`. `behave(path)` may answer `(status, body bytes, headers)` instead."""

    def __init__(self) -> None:
        self.stock: dict[str, dict[str, Any]] = {}
        self.asked: list[list[str]] = []
        self.headers: list[dict[str, str]] = []
        self.sign_ins: list[Any] = []
        self.tokens: set[str] = set()
        self.delay = 0.0
        self.behave: Any = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._get(self)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                outer.sign_ins.append(json.loads(self.rfile.read(length)))
                token = f"t{len(outer.sign_ins)}"
                outer.tokens = {token}
                outer._send(self, 200, json.dumps({"token": token}).encode(), {})

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.address}/stock"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _get(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        skus = parse_qs(parts.query).get("sku", [])
        self.asked.append(skus)
        self.headers.append(dict(handler.headers))
        if self.delay:
            time.sleep(self.delay)
        if self.tokens and handler.headers.get("Authorization") not in {
            f"Token {one}" for one in self.tokens
        }:
            return self._send(handler, 401, b"{}", {})
        if self.behave is not None:
            return self._send(handler, *self.behave(parts.path))
        lists = {
            sku: [{"stock_location": code, "stock": n} for code, n in self.stock[sku].items()]
            for sku in skus
            if sku in self.stock
        }
        answer = lists.get(skus[0], []) if parts.path.endswith("/one") else lists
        return self._send(handler, 200, json.dumps(answer).encode(), {})

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
        try:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            handler.close_connection = True
