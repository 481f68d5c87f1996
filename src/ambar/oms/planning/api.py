"""Why an order was planned as it was, over REST."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import NotFound
from ambar.oms.orders import queries as orders
from ambar.oms.orders.models import Order
from ambar.oms.planning import queries, schemas, telling
from ambar.oms.planning.actions.dry_run import dry_run
from ambar.oms.planning.actions.say_why_not import counterfactuals_of
from ambar.oms.planning.models import Decision
from ambar.oms.planning.names import names_in
from ambar.oms.planning.stock_pages import stock_seen_page

router = rest.Router()


def _state(rows: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
    unknown = [value for value in values if value not in (*schemas.PLAN_STATES.values(), "cancelled")]
    if unknown:
        raise ValueError(f"{unknown[0][:60]!r} is not one of start, pending, cancelled, completed.")
    living = [name for name, state in schemas.PLAN_STATES.items() if state in values]
    found = rows.filter(planning_state__in=living).exclude(state=schemas.CANCELLED)
    return found | rows.filter(state=schemas.CANCELLED) if "cancelled" in values else found


FILTERS = rest.Filters(
    {
        "state": _state,
        "order": rest.id_list("id__in"),
        "order__number": rest.exact("number"),
        "id__in": rest.id_list("id__in"),
        **{f"created_date__{op}": rest.datetime(f"created_at__{op}") for op in ("gt", "gte", "lt", "lte")},
    }
)


@router.get("/orders/{int:order_id}/decisions/")
@rest.needs("planning:read", "orders:read")
def list_decisions(request: HttpRequest, order_id: int) -> dict[str, Any]:
    """Every planning attempt of the order, newest first, each with its matrix. `counterfactuals` (what would have made
    another location win, in English and Turkish) are worked out for the first attempt of the page.
    """
    if not orders.visible(request.principal).filter(pk=order_id).exists():
        accounts.note_foreign(request.principal, Order.objects.all(), order_id)
        raise NotFound("Not found.")

    def serialize(found: list[Decision]) -> list[dict[str, Any]]:
        why_not = counterfactuals_of(found[:1])
        return schemas.decisions(found, why_not, names_in([one for some in why_not.values() for one in some]))

    return rest.page(request, Decision.objects.filter(order_id=order_id), serialize, default_sort="-id")


@router.post("/planning/dry-run/")
@rest.needs("planning:read")
def run_dry(request: HttpRequest, body: schemas.DryRun) -> dict[str, Any]:
    """Plan a stored or typed-in order with real or given stock, by the active scenarios or by drafts, and say why. Nothing
    is written and nobody is told.
    """
    return telling.tried(dry_run(body, now=body.now or clock.now()))


@router.get("/order-stock-info/")
@rest.needs("planning:read", "orders:read")
def list_stock_seen(request: HttpRequest) -> dict[str, Any]:
    """Stock seen while planning, per attempt and order item of the order `order_number`, newest first; at the location
    `erp_code`, or at all locations together. quantity = stock_count − reservation_count.
    """
    return stock_seen_page(request)


@router.get("/orderexecutionplans/")
@rest.needs("planning:read")
def list_plans(request: HttpRequest) -> dict[str, Any]:
    """Orders as execution plans."""
    rows = queries.visible_plans(request.principal)
    return rest.page(
        request, rows, schemas.execution_plans, filters=FILTERS, default_sort="-id", sort=("id",), cursor=True
    )


@router.get("/orderexecutionplans/{int:plan_id}/")
@rest.needs("planning:read")
def read_plan(request: HttpRequest, plan_id: int) -> dict[str, Any]:
    """One order's execution plan."""
    found = queries.visible_plans(request.principal).filter(pk=plan_id).first()
    if found is None:
        accounts.note_foreign(request.principal, Order.objects.all(), plan_id)
        raise NotFound("Not found.")
    return schemas.execution_plans([found])[0]
