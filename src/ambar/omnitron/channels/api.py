"""Endpoints of channels, carriers and content types."""

from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction

from ambar.kit import clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.omnitron import filters, wire
from ambar.omnitron.channels import queries, schemas
from ambar.omnitron.channels.models import CargoCompany, Channel

router = rest.Router()

RENAMED = {"catalog": "catalog_id", "category_tree": "category_tree_id"}


def _save(channel: Channel, changes: dict[str, Any], now: datetime) -> dict[str, Any]:
    for name, value in changes.items():
        setattr(channel, RENAMED.get(name, name.rstrip("_")), value)
    channel.created_at = channel.created_at or now
    channel.modified_at = now
    channel.save()
    return queries.channel_json(channel)


CHANNEL_FILTERS = rest.Filters(
    {
        "name": filters.exact("name"),
        "channel_type": filters.exact("channel_type"),
        "is_active": filters.boolean("is_active"),
        **filters.common(),
    }
)


@router.get("/channels/")
@rest.needs("channels:read")
def channels(request: Any) -> Any:
    """Sales channels by page; filters `name`, `channel_type`, `is_active`, dates."""
    return rest.page(
        request,
        Channel.objects.all(),
        lambda rows: [queries.channel_json(row) for row in rows],
        filters=CHANNEL_FILTERS,
        max_limit=wire.MAX_LIMIT,
        sort={**filters.SORT, "name": "name"},
    )


@router.post("/channels/")
@rest.needs("channels:write")
def create_channel(request: Any, body: schemas.ChannelIn) -> Any:
    """Adds a sales channel: 201."""
    return rest.Raw(201, _save(Channel(), body.model_dump(exclude_unset=True), clock.now()))


@router.get("/channels/{int:pk}/")
@rest.needs("channels:read")
def channel(request: Any, pk: int) -> Any:
    """One sales channel."""
    return queries.channel_json(queries.channel_or_404(pk))


@router.patch("/channels/{int:pk}/")
@rest.needs("channels:write")
def change_channel(request: Any, pk: int, body: schemas.ChannelPatch) -> Any:
    """Changes the given fields of a channel; the others stay."""
    return _save(queries.channel_or_404(pk), body.model_dump(exclude_unset=True), clock.now())


CARGO_FILTERS = rest.Filters(
    {
        "erp_code": filters.exact("erp_code"),
        "shipping_company": filters.exact("shipping_company"),
        **filters.common(),
    }
)


def _cargos(request: Any) -> Any:
    return rest.page(
        request,
        CargoCompany.objects.all(),
        lambda rows: [queries.cargo_json(row) for row in rows],
        filters=CARGO_FILTERS,
        max_limit=wire.MAX_LIMIT,
        sort=filters.SORT,
    )


def _cargo(pk: int) -> dict[str, Any]:
    row = CargoCompany.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound()
    return queries.cargo_json(row)


@router.get("/cargos/")
@rest.needs("channels:read")
def cargos(request: Any) -> Any:
    """Cargo companies by page; filters `erp_code`, `shipping_company`, dates."""
    return _cargos(request)


@router.get("/channel/{int:channel_id}/cargos/")
@rest.needs("channels:read")
def channel_cargos(request: Any, channel_id: int) -> Any:
    """Cargo companies by page; filters `erp_code`, `shipping_company`, dates; 404 for an unknown channel. The same rows in every channel."""
    queries.channel_or_404(channel_id)
    return _cargos(request)


@router.get("/cargos/{int:pk}/")
@rest.needs("channels:read")
def cargo(request: Any, pk: int) -> Any:
    """One cargo company."""
    return _cargo(pk)


@router.get("/channel/{int:channel_id}/cargos/{int:pk}/")
@rest.needs("channels:read")
def channel_cargo(request: Any, channel_id: int, pk: int) -> Any:
    """One cargo company; 404 for an unknown channel."""
    queries.channel_or_404(channel_id)
    return _cargo(pk)


@router.post("/cargos/")
@rest.needs("channels:write")
def create_cargo(request: Any, body: schemas.CargoIn) -> Any:
    """Adds a cargo company: 201. An ERP code that is taken is refused with 400."""
    now = clock.now()
    try:
        with transaction.atomic():
            row = CargoCompany.objects.create(**body.model_dump(), created_at=now, modified_at=now)
    except IntegrityError as error:
        raise Invalid(fields={"erp_code": ["cargo company with this erp_code already exists."]}) from error
    return rest.Raw(201, queries.cargo_json(row))


@router.get("/content_types/")
@rest.needs("channels:read")
def content_types(request: Any, model: str | None = None) -> Any:
    """The kinds of records, `[{id, app_label, model}]`; with `model` exactly that one."""
    rows = ContentType.objects.filter(app_label__startswith="omnitron_").order_by("id")
    if model is not None:
        rows = rows.filter(model=model)
    return rest.Raw(200, [{"id": row.pk, "app_label": row.app_label, "model": row.model} for row in rows])
