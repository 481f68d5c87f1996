"""One visit of the doctor: the settings as they are now, and what was asked already."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from ambar.oms.app_settings import queries as settings_queries
from ambar.oms.doctor import configured
from ambar.oms.doctor.gateways.probe import Answer, Probe
from ambar.oms.omnitron_client import schemas
from ambar.oms.omnitron_client.domain.routing import SELLER_CENTER, ClientSettings, Redirect, resolve, source
from ambar.oms.omnitron_client.gateways.client import KEY as CLIENT_KEY
from ambar.oms.upstream.configured import KEY as SELLER_KEY

OMNITRON = "omnitron"
RECENT = 100
"""How many of the newest orders are looked at to see what the rules and carriers make of them."""


class Visit:
    """What the checks share. `deep` compares with a foreign Seller Center what takes it many requests."""

    def __init__(self, *, now: datetime, deep: bool = True) -> None:
        settings_queries.forget()
        self.now = now
        self.deep = deep
        self.limits = configured.current()
        self.client_value: dict[str, Any] | None = settings_queries.value(CLIENT_KEY)
        self.seller: dict[str, Any] | None = settings_queries.value(SELLER_KEY)
        self.settings, self.unusable = _read(self.client_value)
        timeouts = (self.settings.read_ms, self.settings.connect_ms) if self.settings else (10_000, 10_000)
        self.probe = Probe(read_ms=timeouts[0], connect_ms=timeouts[1])
        self._facts: dict[tuple[str, str], Answer] = {}
        self._login: Answer | None = None
        self.stranger = ""
        self._orders: Answer | None = None

    @property
    def supplier(self) -> str:
        """The supplier code this OMS is configured with; empty when none is."""
        return str((self.seller or {}).get("supplier_code") or "")

    @property
    def takes_from_seller_center(self) -> bool:
        """Whether orders come from a Seller Center at all."""
        return self.settings is not None and source(self.settings, "orders") == SELLER_CENTER

    def ask(self, name: str, *, params: dict[str, Any] | None = None, body: Any = None) -> Answer:
        """A named call of the client, asked once. Needs `settings`, and a sign-in for what Omnitron answers."""
        assert self.settings is not None
        route = resolve(self.settings, name)
        token = route.token if route.token is not None else self.omnitron_token()
        return self.probe.ask(route.method, route.url, token, params=params, body=body)

    def login(self) -> Answer:
        """Omnitron's answer to our name and password. A watch goes on with the token of the visit before it, while that
        is taken: a token made every few minutes would be one of thousands."""
        if self._login is None:
            assert self.settings is not None
            body = {"username": self.settings.username, "password": self.settings.password}
            if not self.deep and (kept := _kept_token(self, body)) is not None:
                self._login = kept
                return kept
            self._login = self.probe.ask(
                "POST", f"{self.settings.base_url.rstrip('/')}/auth/login/", body=body
            )
            if self.omnitron_token() and (other := self.other_than_omnitron(self.settings.base_url)):
                self.stranger, self._login = other, replace(self._login, payload=None)
            if self.omnitron_token():
                _tokens[_token_key(self, body)] = self.omnitron_token()
        return self._login

    def other_than_omnitron(self, url: str) -> str:
        """Which of our systems says that it answers at an address meant for Omnitron; empty when it is that, or says nothing.
        All of them sign people in, and somebody may have one name and password everywhere."""
        parts = urlsplit(url)
        payload = self.probe.ask("GET", f"{parts.scheme}://{parts.netloc}/healthz").payload
        told = str(payload.get("system") or "") if isinstance(payload, dict) else ""
        return "" if told == OMNITRON else told

    def omnitron_token(self) -> str:
        """The token of that sign-in; empty when it was refused."""
        payload = self.login().payload
        return str(payload.get("key") or "") if isinstance(payload, dict) else ""

    def facts_at(self, redirect: Redirect) -> Answer:
        """What answers at an entry's address to the question who it is; asked once per address and token."""
        key = (redirect.base_url.rstrip("/"), redirect.token)
        if key not in self._facts:
            self._facts[key] = self.probe.ask("GET", f"{key[0]}/doctor/", redirect.token)
        return self._facts[key]

    def told_by(self, redirect: Redirect) -> dict[str, Any] | None:
        """The facts at an entry's address when it is a Seller Center that tells them (ours does)."""
        payload = self.facts_at(redirect).payload
        told = isinstance(payload, dict) and payload.get("system") == "seller_center"
        return payload if told else None

    def home(self) -> Redirect | None:
        """The entry whose address and token the others are measured by: what most of those agree on that answer for
        the configured seller, else for any."""
        if self.settings is None or not self.settings.redirects:
            return None
        entries = list(self.settings.redirects.values())
        telling = [entry for entry in entries if self.told_by(entry) is not None]
        own = [
            entry for entry in telling if (self.told_by(entry) or {}).get("supplier_code") == self.supplier
        ]
        chosen = own or telling or entries
        counted = Counter((entry.base_url.rstrip("/"), entry.token) for entry in chosen)
        (most, _), *_ = counted.most_common(1)
        return next(entry for entry in chosen if (entry.base_url.rstrip("/"), entry.token) == most)

    def seller_center(self) -> dict[str, Any] | None:
        """The facts of the Seller Center; None when it is a foreign one that tells none, or does not answer."""
        home = self.home()
        return None if home is None else self.told_by(home)

    def offered(self) -> list[dict[str, Any]] | None:
        """The newest orders the Seller Center offers; None when they can't be read."""
        if self.settings is None:
            return None
        if self._orders is None:
            params = {"supplier_code": self.supplier, "sort": "-modified_date", "limit": RECENT}
            self._orders = self.ask("orders", params={name: value for name, value in params.items() if value})
        payload = self._orders.payload
        rows = payload.get("results") if isinstance(payload, dict) else payload
        return rows[:RECENT] if self._orders.good and isinstance(rows, list) else None


def _read(value: dict[str, Any] | None) -> tuple[ClientSettings | None, str]:
    if value is None:
        return None, ""
    try:
        return schemas.to_settings(value), ""
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return None, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


_tokens: dict[tuple[str, str, str], str] = {}


def _token_key(visit: Visit, body: dict[str, str]) -> tuple[str, str, str]:
    assert visit.settings is not None
    return visit.settings.base_url, body["username"], body["password"]


def _kept_token(visit: Visit, body: dict[str, str]) -> Answer | None:
    """The sign-in of an earlier visit, when Omnitron still takes its token."""
    assert visit.settings is not None
    token = _tokens.get(_token_key(visit, body))
    if token is None:
        return None
    answer = visit.probe.ask("GET", f"{visit.settings.base_url.rstrip('/')}/active_user/", token)
    return replace(answer, payload={"key": token}) if answer.good else None
