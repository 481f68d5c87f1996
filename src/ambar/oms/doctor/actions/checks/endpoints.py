"""Step 2: the twelve endpoints answer with their own tokens, in the right shape, as the right system and seller."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.gateways.probe import PROBLEMS, Answer
from ambar.oms.doctor.visit import Visit
from ambar.oms.omnitron_client.domain.endpoints import REDIRECTED
from ambar.oms.omnitron_client.domain.routing import Redirect

BULK = "order_item_bulk_update"
COUNTS = ("countries_count", "townships_count", "districts_count")
EMPTY_UPDATE: dict[str, Any] = {"orderitem_set": []}
ROWS: dict[str, tuple[str, ...]] = {
    "orders": ("number", "modified_date", "orderitem_set"),
    "orderitem_set": ("order", "product"),
    "cancellation_plans": ("plan_type", "status"),
    "countries": ("name", "code"),
    "countries_with_code": ("name", "code"),
    "cities": ("name", "country"),
    "townships": ("name", "city"),
    "districts": ("name", "township"),
}
"""What a row of each list must have for this OMS to make anything of it."""


def check(visit: Visit) -> list[Finding]:
    """A finding per endpoint name."""
    return [_endpoint(visit, name) for name in REDIRECTED]


def _endpoint(visit: Visit, name: str) -> Finding:
    assert visit.settings is not None
    redirect = visit.settings.redirects.get(name)
    if redirect is None:
        needs = () if visit.settings.redirects else ("seller_center_url", "seller_center_token")
        return Finding(
            step=2,
            name=f"endpoint.{name}",
            code="endpoint_missing",
            figures={"name": name},
            remedy="align_endpoint",
            needs=needs,
        )
    answer = asked(visit, name)
    code, figures = _judged(visit, name, redirect, answer)
    mendable = code not in ("endpoint_answers", "endpoint_slow")
    needs = _needs(visit, redirect) if mendable else ()
    if code == "endpoint_fails" and needs:  # what is right already need not be given
        mendable, needs = False, ()
    return Finding(
        step=2,
        name=f"endpoint.{name}",
        code=code,
        figures={"name": name, "url": redirect.base_url, **figures},
        remedy="align_endpoint" if mendable else "",
        needs=needs,
        took_ms=answer.took_ms,
    )


def asked(visit: Visit, name: str) -> Answer:
    """The answer of one endpoint to the smallest request it understands."""
    if name == BULK:
        return visit.ask(name, body=EMPTY_UPDATE)
    return visit.ask(name, params={} if name in COUNTS else {"limit": 1})


def _judged(visit: Visit, name: str, redirect: Redirect, answer: Answer) -> tuple[str, dict[str, object]]:
    if answer.status == 0:
        en, tr = PROBLEMS[answer.problem]
        return "endpoint_no_answer", {"problem": en, "problem_tr": tr}
    if answer.status in (401, 403):
        return "endpoint_refused", {"status": answer.status}
    if not answer.good and not (name == BULK and answer.status == 400):
        status = answer.status
        if 200 <= status < 300:
            return "endpoint_shape", {"wanted": "JSON"}
        return "endpoint_fails" if status == 429 or status >= 500 else "endpoint_answered", {"status": status}
    wrong = _shape(name, answer)
    if wrong is not None:
        return wrong
    wrong = _whose(visit, redirect)
    if wrong is not None:
        return wrong
    if answer.took_ms > visit.limits.slow_ms:
        return "endpoint_slow", {"ms": answer.took_ms, "limit": visit.limits.slow_ms}
    return "endpoint_answers", {}


def _shape(name: str, answer: Answer) -> tuple[str, dict[str, object]] | None:
    payload = answer.payload
    if name == BULK:
        return None
    if name in COUNTS:
        counted = isinstance(payload, dict) and type(payload.get("count")) is int and "results" not in payload
        return None if counted else ("endpoint_shape", {"wanted": '{"count": n}'})
    rows = payload.get("results") if isinstance(payload, dict) else payload
    if not isinstance(rows, list):
        return "endpoint_shape", {"wanted": "a list", "wanted_tr": "liste"}
    first = rows[0] if rows else None
    if rows and not isinstance(first, dict):
        return "endpoint_shape", {"wanted": "a list of objects", "wanted_tr": "nesne listesi"}
    missing = [key for key in ROWS[name] if first is not None and key not in first]
    return ("endpoint_rows", {"missing": ", ".join(missing)}) if missing else None


def _whose(visit: Visit, redirect: Redirect) -> tuple[str, dict[str, object]] | None:
    """Whether another system or another seller stands behind an entry than behind most of them."""
    assert visit.settings is not None
    home = visit.home()
    if home is None or visit.told_by(home) is None:
        return None
    told = visit.told_by(redirect)
    if told is None:
        return "endpoint_is_another", {"home": home.base_url}
    wanted = _supplier(visit)
    if wanted and told.get("supplier_code") != wanted:
        return "endpoint_of_another_seller", {"found": told.get("supplier_code"), "supplier": wanted}
    return None


def _supplier(visit: Visit) -> str:
    """The seller the entries should be of: the configured one if any token is its, else the one most tokens are of."""
    assert visit.settings is not None
    told = [visit.told_by(entry) for entry in visit.settings.redirects.values()]
    codes = Counter(str(one.get("supplier_code")) for one in told if one is not None)
    if visit.supplier in codes or not codes:
        return visit.supplier
    return codes.most_common(1)[0][0]


def _needs(visit: Visit, redirect: Redirect) -> tuple[str, ...]:
    """What a person must give: nothing while another entry has an address and token that work."""
    home = visit.home()
    if home is None:
        return ("seller_center_url", "seller_center_token")
    works = visit.told_by(home) is not None
    other = (home.base_url.rstrip("/"), home.token) != (redirect.base_url.rstrip("/"), redirect.token)
    if works and (other or redirect.path is not None):
        return ()
    if visit.facts_at(home).status in (401, 403):
        return ("seller_center_token",)
    return () if other else ("seller_center_url", "seller_center_token")
