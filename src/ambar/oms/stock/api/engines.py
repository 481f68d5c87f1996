"""Inventory engines over REST (Akinon OMS: "Inventory Engine")."""

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.stock import engine_schemas as schemas
from ambar.oms.stock.actions.save_engine import delete_engine, save_engine
from ambar.oms.stock.actions.try_engine import try_engine
from ambar.oms.stock.api.callers import must_be_unbound
from ambar.oms.stock.models import Engine, EngineAnswer

router = rest.Router()

FILTERS = rest.Filters({"id": rest.id_list("id__in"), "name": rest.exact("name"), "kind": rest.exact("kind")})
ANSWERS = rest.Filters({"product": rest.id_list("product_id__in"), "failed": rest.boolean("failed")})


@router.get("/inventory-engines/")
@rest.needs("stock:write")
def list_engines(request: HttpRequest) -> dict[str, Any]:
    """Engines with how many locations point to each and how its last questions went; passwords are masked."""
    must_be_unbound(request)
    return rest.page(
        request, Engine.objects.all(), schemas.engines, filters=FILTERS, sort={"id": "id", "name": "name"}
    )


@router.post("/inventory-engines/")
@rest.needs("stock:write")
@rest.idempotent
def create_engine(request: HttpRequest, body: schemas.EngineBody) -> rest.Raw:
    """Create an engine. Its addresses must be public or allowed by the installation."""
    must_be_unbound(request)
    made = save_engine(_given(body), now=clock.now())
    accounts.audit(
        request.principal, "inventory_engine.created", "inventory_engine", made.pk, {"name": made.name}
    )
    return rest.Raw(201, schemas.engines([made])[0])


@router.get("/inventory-engines/{int:engine_id}/")
@rest.needs("stock:write")
def read_engine(request: HttpRequest, engine_id: int) -> dict[str, Any]:
    """One engine."""
    must_be_unbound(request)
    return schemas.engines([_engine(engine_id)])[0]


@router.patch("/inventory-engines/{int:engine_id}/")
@rest.needs("stock:write")
def change_engine(request: HttpRequest, engine_id: int, body: schemas.EnginePatch) -> dict[str, Any]:
    """Change an engine. A masked password keeps the stored one unless an address changes."""
    must_be_unbound(request)
    _engine(engine_id)
    given = _given(body)
    changed = save_engine(given, engine_id=engine_id, now=clock.now())
    accounts.audit(
        request.principal,
        "inventory_engine.changed",
        "inventory_engine",
        engine_id,
        {"fields": sorted(given)},
    )
    return schemas.engines([changed])[0]


@router.delete("/inventory-engines/{int:engine_id}/")
@rest.needs("stock:write")
def remove_engine(request: HttpRequest, engine_id: int) -> rest.Raw:
    """Delete an engine; refused (406) while locations point to it."""
    must_be_unbound(request)
    found = _engine(engine_id)
    delete_engine(engine_id)
    accounts.audit(
        request.principal, "inventory_engine.deleted", "inventory_engine", engine_id, {"name": found.name}
    )
    return rest.Raw(204)


@router.post("/inventory-engines/{int:engine_id}/try/")
@rest.needs("stock:write")
def ask_once(request: HttpRequest, engine_id: int, body: schemas.TryBody) -> dict[str, Any]:
    """Ask the service for one SKU now and answer what it said; nothing is written."""
    must_be_unbound(request)
    _engine(engine_id)
    return schemas.tried(try_engine(engine_id, body.sku), engine_id)


@router.get("/inventory-engines/{int:engine_id}/answers/")
@rest.needs("stock:write")
def list_answers(request: HttpRequest, engine_id: int) -> dict[str, Any]:
    """Per product: when the service was asked last, how old its last good answer is, and why the last one failed."""
    must_be_unbound(request)
    rows = EngineAnswer.objects.filter(engine=_engine(engine_id))
    return rest.page(
        request, schemas.with_failed(rows), schemas.answers, filters=ANSWERS,
        sort={"product": "product_id", "asked_at": "asked_at"}, default_sort="product",
    )  # fmt: skip


def _engine(engine_id: int) -> Engine:
    found = Engine.objects.filter(pk=engine_id).first() if engine_id < 2**63 else None
    if found is None:
        raise NotFound("Not found.")
    return found


def _given(body: schemas.EnginePatch) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True)
    empty = sorted(name for name, value in given.items() if value is None)
    if empty:
        raise Invalid(fields={name: ["This field may not be null."] for name in empty})
    return given
