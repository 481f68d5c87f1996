"""Endpoints that show every side of the wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest

from ambar.kit import refusals, rest
from ambar.kit.accounts import audit
from ambar.kit.accounts.models import AuditEntry, User

router = rest.Router()

LIST = rest.Filters(
    {
        "id__in": rest.id_list("id__in"),
        "object_kind": rest.choice_in("object_kind", ["order", "package"]),
        "action": rest.exact("action"),
        "object_id": rest.integer("object_id"),
        "at__gte": rest.datetime("at__gte"),
    }
)
SORT = {"id": "id", "at": "at", "object_id": "object_id", "action": "action"}


class Line(rest.Body):
    product: rest.Id
    quantity: Decimal = Decimal(1)


class Order(rest.Body):
    number: str
    placed: rest.Moment | None = None
    orderitem_set: list[Line] = []


class Loose(rest.OpenBody):
    number: str


@router.get("/entries/")
@rest.needs("entries:read")
def entries(request: HttpRequest) -> dict[str, Any]:
    return rest.page(
        request,
        AuditEntry.objects.all(),
        lambda rows: [
            {"id": row.pk, "action": row.action, "object_id": row.object_id, "at": row.at} for row in rows
        ],
        filters=LIST,
        sort=SORT,
        max_limit=50,
        cursor=True,
    )


@router.post("/orders/")
@rest.needs("orders:write")
@rest.idempotent
def create_order(request: HttpRequest, payload: Order) -> rest.Raw:
    audit(request.principal, "order.created", "order", None, {"number": payload.number})
    return rest.Raw(
        201, {"number": payload.number, "items": len(payload.orderitem_set), "id": AuditEntry.objects.count()}
    )


@router.post("/loose/")
@rest.needs("orders:write")
def loose(request: HttpRequest, payload: Loose) -> dict[str, Any]:
    return {"number": payload.number}


@router.get("/users/{int:pk}/")
@rest.needs("entries:read")
def user(request: HttpRequest, pk: int) -> dict[str, Any]:
    return {"username": User.objects.get(pk=pk).username}


@router.get("/fails/{kind}/")
@rest.needs("entries:read")
def fails(request: HttpRequest, kind: str) -> dict[str, Any]:
    if kind == "conflict":
        raise refusals.Conflict("Already packed.", code="package_400_1", number="P1")
    if kind == "invalid":
        raise refusals.Invalid(fields={"status": ["No."]})
    if kind == "missing":
        raise refusals.NotFound()
    if kind == "forbidden":
        raise refusals.Forbidden()
    if kind == "database":
        raise OperationalError('connection to server at "10.0.0.1" failed: password secret')
    raise RuntimeError("secret inside")


@router.get("/hello/")
@rest.public
def hello(request: HttpRequest) -> dict[str, Any]:
    return {"hello": "world"}


api = rest.api("Kit", system="kit", strict_filters=True)
api.add_router("", router)
api.add_router("", rest.login_router)

open_router = rest.Router()
open_router.get("/entries/")(entries)
open_api = rest.api("Open", system="kit", strict_filters=False)
open_api.add_router("", open_router)
