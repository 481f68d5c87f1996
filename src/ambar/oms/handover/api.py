"""`/api/v1/oms/handover/`: what this OMS holds as digests and rows, reconciliations, conflicts, closing statements.

Source: `docs/decisions/0043-reconciliation.md`; golden messages in `contracts/handover/`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from ambar.kit import clock, rest
from ambar.kit.agreement import asking
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.handover import held, held_orders, order_fields, schemas
from ambar.oms.handover.actions import close_day, reconcile
from ambar.oms.handover.domain import authority, differences
from ambar.oms.handover.models import Conflict, Reconciliation, Statement
from ambar.oms.upstream import configured

router = rest.Router()

READ, WRITE = "handover:read", "handover:write"
BITS = (8, 16, 24)
TOLD_STATES = tuple(state for state in Conflict.STATES if state != Conflict.SEEN)
"""Conflicts nobody has looked at yet are not listed."""
FIELDS = tuple(dict.fromkeys((differences.WHOLE, *differences.COMPARED, *order_fields.NAMES)))
"""What a conflict may be about."""
RECONCILIATIONS = rest.Filters(
    {"id": rest.id_list("id__in"), "state": rest.choice_in("state", Reconciliation.STATES)}
)


def _with_field(rows: QuerySet[Conflict], values: list[str]) -> QuerySet[Conflict]:
    for value in values:
        if value not in FIELDS:
            raise Invalid(fields={"field": [f"{value[:60]!r} is not one of {', '.join(FIELDS)}."]})
        rows = rows.filter(fields__contains=[{"field": value}])
    return rows


CONFLICTS = rest.Filters(
    {
        "id": rest.id_list("id__in"),
        "reconciliation": rest.id_list("of_id__in"),
        "kind": rest.choice_in("kind", authority.KINDS),
        "key": rest.exact("key"),
        "record": rest.id_list("record_id__in"),
        "state": rest.choice_in("state", TOLD_STATES),
        "case": rest.choice_in("case", authority.CASES),
        "owner": rest.choice_in("owner", authority.OWNERS),
        "remedy": rest.choice_in("remedy", authority.REMEDIES),
        "field": _with_field,
        "created_date__gte": rest.datetime("created_at__gte"),
        "created_date__lt": rest.datetime("created_at__lt"),
    }
)
STATEMENTS = rest.Filters({"date__gte": rest.date("day__gte"), "date__lte": rest.date("day__lte")})


@router.get("/handover/")
@rest.needs(READ)
def read_handover(request: HttpRequest) -> Any:
    """How the two sides stand: what is held here, the latest reconciliation that ended, the latest closing statement."""
    asking.only(request.GET)
    last = Reconciliation.objects.filter(state__in=("ready", "done")).order_by("-pk")[:1]
    statement = Statement.objects.order_by("-day")[:1]
    return {
        "held": close_day.held(configured.order_source()),
        "reconciliation": next(iter(schemas.reconciliations(last)), None),
        "statement": next(iter(schemas.statements(statement)), None),
    }


@router.get("/handover/packages/digests/")
@rest.needs(READ)
def package_digests(request: HttpRequest) -> Any:
    """Digests of packages, as the marketplace was told of them, per day (of their making) and state; `digits` 2, 4 or 6 parts
    them further. `place` narrows: `day`, `day/state` or `day/state/digits`. With `fields=1` each holds `fields`, of the marks."""
    asking.only(request.GET, "place", "digits", "fields")
    place = asking.within(request.GET.get("place", ""))
    digits = asking.one_of("digits", request.GET.get("digits"), asking.DIGITS, 0)
    fields = asking.flag("fields", request.GET.get("fields"))
    return _results(held.package_digests(place, digits, fields=fields), asking.MOST_DIGESTS)


@router.get("/handover/packages/rows/")
@rest.needs(READ)
def package_rows(request: HttpRequest) -> Any:
    """`[number, state, sequence]` as told, of the packages in each `place` (repeatable); at most 10,000, else 400.

    With `fields=1` the mark of each follows.
    """
    asking.only(request.GET, "place", "fields")
    places = asking.many_within(request.GET.getlist("place"))
    return _results(held.package_rows(places, fields=asking.flag("fields", request.GET.get("fields"))))


@router.get("/handover/orders/digests/")
@rest.needs(READ)
def order_digests(request: HttpRequest) -> Any:
    """Digests of the orders known here, taken or not, per range of 2^`bits` upstream ids (8, 16 or 24) within `place`.

    With `fields=1` each holds `fields`, of the marks of those that were taken; with `fields=2` these cover statuses too.
    """
    asking.only(request.GET, "place", "bits", "fields")
    ((low, high),) = asking.ranges(request.GET.getlist("place")[-1:])
    bits = asking.one_of("bits", request.GET.get("bits"), BITS, 16)
    fields = asking.one_of("fields", request.GET.get("fields"), asking.DEPTHS, 0)
    source = configured.order_source()
    return _results(held_orders.digests(source, low, high, bits, fields=fields), asking.MOST_DIGESTS)


@router.get("/handover/orders/rows/")
@rest.needs(READ)
def order_rows(request: HttpRequest) -> Any:
    """`[upstream id, modified_date, packages]` of the orders in each `place` (`from-to`, repeatable); at most 10,000, else 400.

    With `fields=1` or `fields=2` the mark of each follows; null for one that was not taken.
    """
    asking.only(request.GET, "place", "fields")
    ranges = asking.ranges(request.GET.getlist("place"))
    fields = asking.one_of("fields", request.GET.get("fields"), asking.DEPTHS, 0)
    return _results(held_orders.rows(configured.order_source(), ranges, fields=fields))


@router.get("/handover/authority/")
@rest.needs(READ)
def read_authority(request: HttpRequest) -> Any:
    """The field authority table: who is right about which field, in which case and state, and what is done about it."""
    asking.only(request.GET)
    return {"results": schemas.authority()}


@router.get("/handover/reconciliations/")
@rest.needs(READ)
def list_reconciliations(request: HttpRequest) -> Any:
    """Comparisons with the Seller Center and how far each is, the newest first."""
    rows = Reconciliation.objects.all()
    return rest.page(request, rows, schemas.reconciliations, filters=RECONCILIATIONS, default_sort="-id")


@router.post("/handover/reconciliations/")
@rest.needs(WRITE)
def start_reconciliation(request: HttpRequest, body: schemas.ReconciliationBody) -> Any:
    """Compare in the background: 202 with the reconciliation. What differs waits in state `ready`, or is repaired with `apply`."""
    row = reconcile.start(apply=body.apply, user_id=request.principal.user_id, now=clock.now())
    return rest.Raw(
        202,
        schemas.reconciliations([row])[0],
        headers={"Location": f"/api/v1/oms/handover/reconciliations/{row.pk}/"},
    )


@router.get("/handover/reconciliations/{int:reconciliation_id}/")
@rest.needs(READ)
def read_reconciliation(request: HttpRequest, reconciliation_id: int) -> Any:
    """One reconciliation: progress, what was found, repaired, refused, not confirmed, and what can't be known."""
    return schemas.reconciliations([_one(reconciliation_id)])[0]


@router.post("/handover/reconciliations/{int:reconciliation_id}/apply/")
@rest.needs(WRITE)
def apply_reconciliation(request: HttpRequest, reconciliation_id: int) -> Any:
    """Repair what a comparison in state `ready` has found. 406 `reconciliation_over` in any other state."""
    reconcile.apply(_one(reconciliation_id).pk, now=clock.now())
    return schemas.reconciliations([_one(reconciliation_id)])[0]


@router.post("/handover/reconciliations/{int:reconciliation_id}/cancel/")
@rest.needs(WRITE)
def cancel_reconciliation(request: HttpRequest, reconciliation_id: int) -> Any:
    """Stop after the step under way; what is repaired stays so and the rest can be resumed."""
    reconcile.cancel(_one(reconciliation_id).pk, now=clock.now())
    return schemas.reconciliations([_one(reconciliation_id)])[0]


@router.post("/handover/reconciliations/{int:reconciliation_id}/resume/")
@rest.needs(WRITE)
def resume_reconciliation(request: HttpRequest, reconciliation_id: int) -> Any:
    """Go on with a cancelled or failed one where it stopped."""
    reconcile.resume(_one(reconciliation_id).pk, now=clock.now())
    return schemas.reconciliations([_one(reconciliation_id)])[0]


@router.get("/handover/conflicts/")
@rest.needs(READ)
def list_conflicts(request: HttpRequest) -> Any:
    """The conflict log: every record on which the two sides did not agree, by which row of the authority table it was decided,
    and what became of it. `field=state` lists those that differ in a field."""
    rows = Conflict.objects.exclude(state=Conflict.SEEN)
    return rest.page(request, rows, schemas.conflicts, filters=CONFLICTS, default_sort="-id", cursor=True)


@router.get("/handover/statements/")
@rest.needs(READ)
def list_statements(request: HttpRequest) -> Any:
    """Closing statements, the newest day first."""
    rows = Statement.objects.all()
    return rest.page(
        request, rows, schemas.statements, filters=STATEMENTS, sort={"date": "day"}, default_sort="-date"
    )


@router.post("/handover/statements/")
@rest.needs(WRITE)
def draw_up_statement(request: HttpRequest, body: schemas.StatementBody) -> Any:
    """Draw a day's statement up now, or once more. Differences are those of the latest reconciliation."""
    row = close_day.draw_up(body.date, now=clock.now())
    return rest.Raw(201, schemas.statements([row])[0])


@router.get("/handover/statements/{day}/")
@rest.needs(READ)
def read_statement(request: HttpRequest, day: str) -> Any:
    """The statement of a day (`2026-01-15`)."""
    try:
        row = Statement.objects.filter(day=date.fromisoformat(day)).first()
    except ValueError:
        row = None
    if row is None:
        raise NotFound()
    return schemas.statements([row])[0]


def _one(reconciliation_id: int) -> Reconciliation:
    found = Reconciliation.objects.filter(pk=reconciliation_id).first() if reconciliation_id < 2**63 else None
    if found is None:
        raise NotFound()
    return found


def _results(rows: list[Any], most: int | None = None) -> dict[str, Any]:
    asking.not_too_many(rows, most or asking.MOST_ROWS)
    return {"results": rows}
