"""Step 2: the twelve endpoints answer with their own tokens, in the right shape."""

from __future__ import annotations

import time
from typing import Any

from ambar.oms.doctor.findings import Finding
from ambar.oms.omnitron_client.domain.endpoints import REDIRECTED
from ambar.oms.omnitron_client.gateways.client import Client, UpstreamFailed

COUNTS = ("countries_count", "townships_count", "districts_count")
EMPTY_UPDATE: dict[str, Any] = {"orderitem_set": []}


def check(client: Client) -> list[Finding]:
    """A finding per endpoint name, and one for what `oms_url` says."""
    return [_endpoint(client, name) for name in REDIRECTED]


def _endpoint(client: Client, name: str) -> Finding:
    why = f"without it the OMS can't do what `{name}` is for"
    if name not in client.settings.redirects:
        return Finding(
            step=2,
            name=f"endpoint.{name}",
            ok=False,
            what=f"{name} is not in endpoint_conf, so it goes to Omnitron",
            why="orders and addresses must come from the Seller Center",
            fix=f"add {name} with base_url and token to endpoint_conf of OMNITRON_CLIENT_SETTINGS",
        )
    started = time.perf_counter()
    problem = _asked(client, name)
    took = round((time.perf_counter() - started) * 1000)
    url = client.settings.redirects[name].base_url
    if not problem:
        return Finding(
            step=2, name=f"endpoint.{name}", ok=True, what=f"{name} answers at {url}", why=why, took_ms=took
        )
    return Finding(
        step=2,
        name=f"endpoint.{name}",
        ok=False,
        what=f"{name} at {url}: {problem}",
        why=why,
        fix=_fix(problem, name),
        took_ms=took,
    )


def _asked(client: Client, name: str) -> str:
    """What is wrong with an endpoint's answer; empty when nothing is."""
    try:
        if name == "order_item_bulk_update":
            client.call(name, body=EMPTY_UPDATE)
            return ""
        answer = client.call(name, params={} if name in COUNTS else {"limit": 1})
    except UpstreamFailed as failure:
        if name == "order_item_bulk_update" and failure.status == 400:
            return ""
        return "no answer" if failure.status is None else f"answered {failure.status}"
    if name in COUNTS:
        counted = isinstance(answer, dict) and isinstance(answer.get("count"), int)
        return "" if counted else 'does not answer {"count": n}'
    listed = isinstance(answer, list) or (
        isinstance(answer, dict) and isinstance(answer.get("results"), list)
    )
    return "" if listed else "does not answer a list"


def _fix(problem: str, name: str) -> str:
    if "401" in problem or "403" in problem:
        return f"ask the Seller Center for a token and write it to the entry {name} of endpoint_conf"
    if "404" in problem or "does not answer" in problem:
        return f"correct base_url of the entry {name}, or set its path"
    return (
        f"check that base_url of the entry {name} is reachable from here and allowed (AMBAR_ALLOWED_TARGETS)"
    )
