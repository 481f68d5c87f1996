"""The four steps of the public page "Integrating OMS with Seller Center", done over HTTP and nothing else.

`integrate(plan)` knows no Django and no database: it uses the public interfaces of the three systems, so it also works
against systems that are not ours. Every step may be repeated; what is there already is told, not doubled.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2

from ambar.kit.masks import masked_address
from ambar.kit.text import is_digits
from ambar.oms.setup import integration_plan as plans
from ambar.oms.setup.connection import Connection, signed_in
from ambar.oms.setup.integration_plan import CouldNotIntegrate, IntegrationPlan, Step

__all__ = ["CouldNotIntegrate", "IntegrationPlan", "Step", "integrate"]

DONE, ALREADY, WARNING = "done", "already", "warning"
REACHED = {200: "Preparing", 500: "Packed", 600: "Shipped", 700: "Delivered", 900: "Cancelled"}
RETRY = {"choice": "exponential", "kwargs": {"base": 2, "limit": 3600}}
SELECTORS = ["SELECT_BY_DISTANCE", "SELECT_BY_STOCK", "SELECT_BY_PRIORITY"]


def integrate(
    plan: IntegrationPlan,
    *,
    http: httpx2.Client | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Step]:
    """Do the public page's four steps, telling each thing as it is done. Raises `CouldNotIntegrate`."""
    client = http or httpx2.Client(timeout=httpx2.Timeout(30.0))
    try:
        oms = Connection("the OMS", plan.oms, plan.oms_token, http=client)
        omnitron = signed_in(
            "Omnitron", plan.omnitron, plan.omnitron_username, plan.omnitron_password, http=client
        )
        yield from switch_off_omnitron_hooks(plan, omnitron)
        yield from put_settings(plan, oms)
        yield from run_basic_setup(plan, oms, sleep)
        yield from register_package_hooks(plan, oms)
        yield from name_former_hooks(plan, oms)
        if plan.push_token:
            market = Connection(
                "the Seller Center", plan.seller_center, plan.seller_center_token, http=client
            )
            yield from register_pushed_hooks(plan, market)
        yield from register_starter_scenario(plan, oms)
        yield from verify_transitions(oms)
    finally:
        if http is None:
            client.close()


def switch_off_omnitron_hooks(plan: IntegrationPlan, omnitron: Connection) -> Iterator[Step]:
    """Step 1: switch off Omnitron's six hooks, and only those that point at this OMS (decision 16)."""
    under = f"{plan.oms.removesuffix('/api/v1')}/"
    found = 0
    for hook in omnitron.rows("whisperer/hooks/"):
        mine = hook.get("event_type") in plans.OMNITRON_EVENTS and str(hook.get("target_url")).startswith(
            under
        )
        if not mine:
            continue
        found += 1
        told = f"{hook['event_type']} -> {masked_address(str(hook['target_url']))}"
        if not hook.get("is_active"):
            yield Step(name="Omnitron hook", outcome=ALREADY, detail=f"{told} is off")
            continue
        omnitron.send("PATCH", f"whisperer/hooks/{hook['id']}/", {"is_active": False})
        yield Step(name="Omnitron hook", outcome=DONE, detail=f"{told} switched off")
    if not found:
        yield Step(name="Omnitron hooks", outcome=ALREADY, detail="none of the six points at this OMS")


def put_settings(plan: IntegrationPlan, oms: Connection) -> Iterator[Step]:
    """Step 2 and the settings of step 4."""
    values = {
        "OMNITRON_CLIENT_SETTINGS": plans.client_settings(plan),
        "SELLER_CENTER_SETTINGS": plans.seller_center_settings(plan),
    }
    there = {row["key"]: row for row in oms.rows("oms/settings/application_settings/", limit=100)}
    for key, value in values.items():
        if key not in there:
            oms.send("POST", "oms/settings/application_settings/", {"key": key, "json_value": value})
            yield Step(name=key, outcome=DONE, detail="written")
            continue
        body = {"key": key, "json_value": _over(there[key]["json_value"], value, plans.left_open(plan))}
        oms.send("PUT", f"oms/settings/application_settings/{there[key]['id']}/", body)
        yield Step(name=key, outcome=DONE, detail="written again")


def _over(old: dict[str, Any], new: dict[str, Any], left_open: frozenset[str]) -> dict[str, Any]:
    """`new` over what is there. What the plan leaves open and what it does not know of (rules, the status map, carriers, a
    pause, a path of an endpoint, an endpoint besides) stays as it was set by hand."""
    value = {**old, **{name: said for name, said in new.items() if name not in left_open or name not in old}}
    if "shipping" in old and "shipping" in new:
        was, said = old["shipping"], new["shipping"]
        value["shipping"] = {
            **was,
            "cargo_company_map": {**was.get("cargo_company_map", {}), **said["cargo_company_map"]},
            "default": said["default"] or was.get("default"),
        }
    if "endpoint_conf" in new:
        entries = {entry["endpoint"]: entry for entry in old.get("endpoint_conf", [])}
        paths = {name: {"path": entry["path"]} for name, entry in entries.items() if entry.get("path")}
        ours = [{**entry, **paths.get(entry["endpoint"], {})} for entry in new["endpoint_conf"]]
        named = {entry["endpoint"] for entry in ours}
        value["endpoint_conf"] = [*ours, *(entry for name, entry in entries.items() if name not in named)]
    return value


def run_basic_setup(plan: IntegrationPlan, oms: Connection, sleep: Callable[[float], None]) -> Iterator[Step]:
    """Basic Setup: what is required is executed and waited for."""
    for name in plans.BASIC_SETUP:
        path = f"oms/setup/{name}"
        needed = oms.get(f"{path}/is_required/")
        if not needed["is_required"]:
            yield Step(name=f"Basic Setup: {name}", outcome=ALREADY, detail=in_words(needed["detail"]))
            continue
        oms.send("POST", f"{path}/execute/", accept=(406,))
        status = _waited(oms, f"{path}/get_async_status/", plan.setup_seconds, sleep)
        yield Step(name=f"Basic Setup: {name}", outcome=DONE, detail=in_words(status["detail"]))


def in_words(figures: Any) -> str:
    """Figures of a step as a person reads them: `written: city 81, country 1`; empty ones are left out."""
    if not isinstance(figures, dict):
        return str(figures)
    parts = []
    for name, value in figures.items():
        if isinstance(value, dict):
            inner = ", ".join(f"{key} {in_words(number)}" for key, number in value.items() if number)
            parts += [f"{name}: {inner}"] if inner else []
        elif value:
            parts.append(f"{name.replace('_', ' ')} {value}")
    return "; ".join(parts) or "nothing to do"


def _waited(oms: Connection, path: str, seconds: float, sleep: Callable[[float], None]) -> dict[str, Any]:
    waited, pause = 0.0, 0.1
    while True:
        status: dict[str, Any] = oms.get(path)
        if status["status"] == "FINISHED":
            return status
        if status["status"] in ("FAILED", "ABORTED"):
            raise CouldNotIntegrate(f"{path} ended {status['status']}: {status['error']}")
        if waited >= seconds:
            raise CouldNotIntegrate(
                f"{path} was still {status['status']} after {seconds:.0f} s; is the worker running?"
            )
        sleep(pause)
        waited, pause = waited + pause, min(pause * 1.5, 2.0)


def register_package_hooks(plan: IntegrationPlan, oms: Connection) -> Iterator[Step]:
    """Step 3: the nine package hooks; one that is there (406) is looked at and put right."""
    for event, url in plans.package_hooks(plan).items():
        yield _register("package hook", oms, _hook(plan, event, url, token=plan.seller_center_token))


def name_former_hooks(plan: IntegrationPlan, oms: Connection) -> Iterator[Step]:
    """Beside the page: package hooks that still lead to another Seller Center are named, and left to a person (decision 101)."""
    wanted = plans.package_hooks(plan)
    roots: dict[str, int] = {}
    for hook in oms.rows("whisperer/hooks/"):
        root = plans.receivers_root(str(hook.get("target_url")))
        if hook.get("is_active") and hook.get("event_type") in wanted and root:
            roots[root] = roots.get(root, 0) + 1
    roots.pop(f"{plan.seller_center}/{plans.APPLICATION}", None)
    for root, number in sorted(roots.items()):
        told = f"package hooks still lead to {root}: {number}; `ambar oms doctor --fix --former-hooks off` (or keep) decides"
        yield Step(name="former Seller Center", outcome=WARNING, detail=told)


def register_pushed_hooks(plan: IntegrationPlan, market: Connection) -> Iterator[Step]:
    """Beside the page: the Seller Center pushes orders and cancellation plans, so that a quiet shop need not be polled often.

    A Seller Center without hooks says so, and orders are pulled as ever.
    """
    status, _ = market.send("GET", "whisperer/hooks/registry/", accept=(401, 403, 404, 405))
    if status != 200:
        yield Step(
            name="order hook",
            outcome=WARNING,
            detail=f"the Seller Center offers no hooks (it answered {status}); orders are pulled",
        )
        return
    for event, url in plans.pushed_hooks(plan).items():
        yield _register("order hook", market, _hook(plan, event, url, token=plan.push_token or ""))


def _hook(plan: IntegrationPlan, event: str, url: str, *, token: str) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "event_type": event,
        "target_url": url,
        "is_active": True,
        "additional_headers": {"Authorization": token if " " in token else f"Token {token}"},
        "retry_countdown_config": RETRY,
    }
    if plan.hook_secret:
        wanted["secret_key"] = plan.hook_secret
    return wanted


def _register(name: str, at: Connection, wanted: dict[str, Any]) -> Step:
    status, _ = at.send("POST", "whisperer/hooks/", wanted, accept=(406,))
    if status == 406:
        return _put_right(name, at, wanted)
    return Step(
        name=name, outcome=DONE, detail=f"{wanted['event_type']} -> {wanted['target_url']} registered"
    )


def _put_right(name: str, at: Connection, wanted: dict[str, Any]) -> Step:
    event, url = wanted["event_type"], wanted["target_url"]
    there = [
        hook
        for hook in at.rows("whisperer/hooks/")
        if hook["event_type"] == event and hook["target_url"] == url
    ]
    if not there:
        return Step(name=name, outcome=WARNING, detail=f"{event} -> {url} belongs to another user")
    hook = there[0]
    names = ("is_active", "additional_headers", "secret_key")
    differing = {key: wanted[key] for key in names if key in wanted and hook.get(key) != wanted[key]}
    if not differing:
        return Step(name=name, outcome=ALREADY, detail=f"{event} -> {url}")
    at.send("PATCH", f"whisperer/hooks/{hook['id']}/", differing)
    return Step(name=name, outcome=DONE, detail=f"{event} -> {url}: {', '.join(sorted(differing))} put right")


def register_starter_scenario(plan: IntegrationPlan, oms: Connection) -> Iterator[Step]:
    """Step 4: a first distribution scenario, when there is none that is active."""
    scenarios = list(oms.rows("oms/distribution-scenarios/", limit=100))
    active = [scenario for scenario in scenarios if scenario["is_active"]]
    if active:
        yield Step(
            name="scenario", outcome=ALREADY, detail=f"{len(active)} active, first: {active[0]['name']}"
        )
        return
    mine = next((scenario for scenario in scenarios if scenario["name"] == plan.scenario_name), None)
    if mine is None:
        location = _default_location(plan, oms)
        body = {
            "name": plan.scenario_name,
            "default_location": location["id"],
            "is_active": True,
            "rules": [{"name": "everything, wherever it is", "split_policy": "free", "selectors": SELECTORS}],
        }
        oms.send("POST", "oms/distribution-scenarios/", body)
        yield Step(
            name="scenario", outcome=DONE, detail=f"{plan.scenario_name}, default location {location['name']}"
        )
        return
    oms.send("POST", f"oms/distribution-scenarios/{mine['id']}/activate/")
    yield Step(name="scenario", outcome=DONE, detail=f"{plan.scenario_name} activated")


def _default_location(plan: IntegrationPlan, oms: Connection) -> dict[str, Any]:
    locations = [row for row in oms.rows("oms/stocklocations/", limit=100) if row.get("is_active", True)]
    if plan.default_location is not None:
        locations = [row for row in locations if row.get("erp_code") == plan.default_location]
    if not locations:
        named = plan.default_location or "any"
        raise CouldNotIntegrate(f"there is no active stock location ({named}) to be the scenario's default")
    return locations[0]


def verify_transitions(oms: Connection) -> Iterator[Step]:
    """Step 4: from Waiting every state must be reachable that the Seller Center hears of."""
    arrows: dict[int, set[int]] = {}
    for row in oms.rows("oms/state-transitions/?kind=package&is_active=true", limit=100):
        source, destination = _code(row.get("source_state")), _code(row.get("destination_state"))
        if source is not None and destination is not None:
            arrows.setdefault(source, set()).add(destination)
    reached, open_ends = {100}, [100]
    while open_ends:
        for state in arrows.get(open_ends.pop(), set()) - reached:
            reached.add(state)
            open_ends.append(state)
    missing = [f"{name} ({state})" for state, name in REACHED.items() if state not in reached]
    if missing:
        yield Step(
            name="state transitions",
            outcome=WARNING,
            detail=f"not reachable from Waiting: {', '.join(missing)}",
        )
    else:
        yield Step(
            name="state transitions", outcome=ALREADY, detail=f"{len(reached)} states reachable from Waiting"
        )


def _code(state: Any) -> int | None:
    value = state.get("enum_value") if isinstance(state, dict) else state
    text = str(value) if isinstance(value, int | str) else ""
    return int(text) if is_digits(text) else None
