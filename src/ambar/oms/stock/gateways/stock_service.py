"""One outside stock service: signs in as its configuration says, asks for SKUs, reads strictly.

Source: "Akinon OMS: Inventory Engine" (GET requests, three kinds of authentication, `multiple` and `single`).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Any

import httpx2

from ambar.kit.http import AddressRefused
from ambar.kit.http import client as guarded_client
from ambar.oms.stock.domain.answers import Figures, NoAnswer, read_multiple, read_single
from ambar.oms.stock.domain.engine_config import EngineConfig

CONNECT_MS = 3000
LARGEST_ANSWER = 8 * 1024 * 1024
SKUS_AT_ONCE = 100
LONGEST_URL = 1900
ROUNDS = 3
"""An ask of many SKUs takes at most this many time-outs altogether."""


class StockService:
    """Asks one service. Safe to share between threads; keeps connections and the token."""

    def __init__(
        self, config: EngineConfig, *, timeout_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.config = config
        self._timeout = timeout_seconds
        self._clock = clock
        self._token: str | None = None
        self._signing_in = Lock()
        self._http = guarded_client(
            read_ms=int(timeout_seconds * 1000), connect_ms=0, largest_answer=LARGEST_ANSWER
        )
        self._http.timeout = httpx2.Timeout(timeout_seconds, connect=min(timeout_seconds, CONNECT_MS / 1000))

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def ask(self, skus: Sequence[str]) -> tuple[dict[str, Figures], dict[str, str]]:
        """Figures per SKU, and per SKU without an answer why. Never raises for what the service does.

        The first question that fails without an answer ends the ask: the rest would only wait as long.
        """
        figures: dict[str, Figures] = {}
        failures: dict[str, str] = {}
        until = self._clock() + ROUNDS * self._timeout
        dead = ""
        for part in self._parts(skus):
            if not dead and self._clock() > until:
                dead = "the time for this ask is over"
            if dead:
                failures |= dict.fromkeys(part, dead)
                continue
            try:
                known, unknown = self._question(part)
                figures |= known
                failures |= unknown
            except _Silent as silent:
                dead = silent.reason
                failures |= dict.fromkeys(part, dead)
            except NoAnswer as wrong:
                failures |= dict.fromkeys(part, wrong.reason)
        return figures, failures

    def _parts(self, skus: Sequence[str]) -> Iterator[list[str]]:
        if self.config.service == "single":
            yield from ([sku] for sku in skus)
            return
        part: list[str] = []
        length = len(self.config.url)
        for sku in skus:
            size = len(httpx2.QueryParams({"sku": sku}).__str__()) + 1
            if part and (len(part) == SKUS_AT_ONCE or length + size > LONGEST_URL):
                yield part
                part, length = [], len(self.config.url)
            part.append(sku)
            length += size
        if part:
            yield part

    def _question(self, skus: list[str]) -> tuple[dict[str, Figures], dict[str, str]]:
        answer = self._get(skus)
        if answer.status_code == 401 and self.config.auth == "token":
            self._token = None
            answer = self._get(skus)
        if answer.status_code != 200:
            raise NoAnswer(f"status {answer.status_code}")
        if self.config.service == "single":
            return {skus[0]: read_single(answer.content, skus[0])}, {}
        return read_multiple(answer.content, skus)

    def _get(self, skus: list[str]) -> httpx2.Response:
        headers = {"Accept": "application/json"}
        auth = None
        if self.config.auth == "basic_auth":
            auth = (self.config.username, self.config.password)
        elif self.config.auth == "token":
            headers["Authorization"] = self._signed_in()
        return self._send(
            "GET", self.config.url, params=[("sku", sku) for sku in skus], headers=headers, auth=auth
        )

    def _signed_in(self) -> str:
        with self._signing_in:
            if self._token is None:
                credentials = {"username": self.config.username, "password": self.config.password}
                answer = self._send("POST", self.config.auth_url, json=credentials)
                if answer.status_code not in (200, 201):
                    raise NoAnswer(f"sign-in: status {answer.status_code}")
                self._token = _token(answer)
            return self._token

    def _send(
        self, method: str, url: str, *, params: Any = None, auth: Any = None, **options: Any
    ) -> httpx2.Response:
        try:
            wanted = httpx2.URL(url)
            if params:
                wanted = wanted.copy_merge_params(params)
            return self._http.request(method, wanted, auth=auth, **options)
        except AddressRefused as refused:
            raise _Silent(refused.message) from None
        except httpx2.TimeoutException:
            raise _Silent(f"no answer within {self._timeout:g} s") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            raise _Silent(f"{type(error).__name__}: {error}") from None


class _Silent(NoAnswer):
    """Nothing came back at all."""


def _token(answer: httpx2.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        body = None
    token = body.get("token", body.get("key")) if isinstance(body, dict) else None
    if not isinstance(token, str) or not token.strip() or not token.isprintable():
        raise NoAnswer("sign-in: the answer holds no token")
    return token if " " in token.strip() else f"Token {token.strip()}"
