"""Akinon OMS: application settings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import NotFound
from ambar.oms.app_settings import queries
from ambar.oms.app_settings.actions import set_value
from ambar.oms.app_settings.models import Setting
from ambar.oms.app_settings.schemas import ChangedSetting, NewSetting

router = rest.Router()


def _key(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(key__icontains=values[0])


_FILTERS = rest.Filters({"key": _key})


def _page_size_is_limit(request: HttpRequest) -> None:
    if "page_size" in request.GET and "limit" not in request.GET:
        given = request.GET.copy()
        given.setlist("limit", given.pop("page_size"))
        request.GET = given


@router.get("/settings/application_settings/")
@rest.needs("settings:read")
def list_settings(request: HttpRequest) -> Any:
    """All settings, secrets masked; filter `key` (contains), `page`, `page_size`."""
    _page_size_is_limit(request)
    return rest.page(
        request,
        Setting.objects.all(),
        lambda rows: [queries.shown(row) for row in rows],
        filters=_FILTERS,
        sort=("id", "key"),
        default_limit=10,
    )


@router.post("/settings/application_settings/")
@rest.needs("settings:write")
def create_setting(request: HttpRequest, body: NewSetting) -> Any:
    """Set a key for the first time; the value is checked against the key's schema."""
    row = set_value.create(body.key, body.json_value, now=clock.now())
    accounts.audit(request.principal, "setting.created", "setting", row.pk, {"key": row.key})
    return rest.Raw(201, queries.shown(row))


@router.get("/settings/application_settings/{int:setting_id}/")
@rest.needs("settings:read")
def get_setting(request: HttpRequest, setting_id: int) -> Any:
    """One setting, secrets masked."""
    row = Setting.objects.filter(pk=setting_id).first()
    if row is None:
        raise NotFound("Application setting not found.")
    return queries.shown(row)


@router.put("/settings/application_settings/{int:setting_id}/")
@rest.needs("settings:write")
def change_setting(request: HttpRequest, setting_id: int, body: ChangedSetting) -> Any:
    """A new value; a secret sent back masked keeps the stored one. Answers 200 without a body."""
    row = set_value.change(setting_id, body.json_value, key=body.key, now=clock.now())
    accounts.audit(request.principal, "setting.changed", "setting", row.pk, {"key": row.key})
    return rest.Raw(200, b"")
