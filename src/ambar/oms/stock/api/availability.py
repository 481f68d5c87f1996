"""Which locations have the goods (Akinon OMS: "stock query")."""

from collections import Counter
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from ambar.kit import clock, rest
from ambar.kit.refusals import Invalid, Refusal
from ambar.kit.rest import failures
from ambar.oms.stock.api.callers import own
from ambar.oms.stock.availability import fitting_locations

router = rest.Router()
ASKED = {"sku": 100, "erp_code": 50, "tag": 20}
STALE = "X-Stock-Stale"


class TooMany(Refusal):
    """More values than one question may hold."""

    code = "too_many_values"


def as_documented(view: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Errors as this service documents them: `{"error", "message", "code", "timestamp"}`."""

    @wraps(view)
    def answer(request: HttpRequest) -> Any:
        try:
            return view(request)
        except (Invalid, TooMany) as refusal:
            return _failure(400 if isinstance(refusal, Invalid) else 422, refusal.message, refusal.code)
        except Exception as error:
            response = failures.of_exception(request, error)
            if response.status_code != 500:
                return response
            told = orjson.loads(response.content)
            return _failure(500, f"Internal error, incident {told.get('incident')}.", "internal")

    return answer


@router.get("/query-stock-availability/")
@rest.needs("stock:read")
@as_documented
def query_stock_availability(request: HttpRequest) -> Any:
    """`{"WH001": true, ...}`: whether a location has all SKUs; a repeated SKU asks for more units of it.

    At most 100 `sku`, 50 `erp_code` (default all active locations), 20 `tag`. An ERP code that is not an active location
    of the caller is answered `false`. Where an outside engine keeps the stock its last figures count; locations whose
    figures are older than the engine's `max_age_seconds` are named in the header `X-Stock-Stale`. Errors 400, 422, 500.
    """
    skus, codes, tags = _asked(request)
    fits, stale = fitting_locations(Counter(skus), erp_codes=codes, tags=tags, own=own(request))
    answer = HttpResponse(orjson.dumps(fits), content_type="application/json")
    if stale:
        answer[STALE] = ",".join(stale)
    return answer


def _asked(request: HttpRequest) -> tuple[list[str], list[str], list[str]]:
    given = request.GET
    for name in given:
        if name not in ASKED:
            raise Invalid(f"{name}: unknown parameter.")
        values = given.getlist(name)
        if len(values) > ASKED[name]:
            raise TooMany(f"{name}: at most {ASKED[name]} values.")
        if any("\x00" in value or not value for value in values):
            raise Invalid(f"{name}: must not be empty.")
    if "sku" not in given:
        raise Invalid("sku: at least one SKU is required.")
    return given.getlist("sku"), given.getlist("erp_code"), given.getlist("tag")


def _failure(status: int, message: str, code: str) -> rest.Raw:
    body = {
        "error": HTTPStatus(status).phrase,
        "message": message,
        "code": code,
        "timestamp": clock.iso(clock.now()),
    }
    return rest.Raw(status, body)
