"""What the endpoints of both kinds of scenario do alike."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.scenarios import queries, schemas
from ambar.oms.scenarios.actions.copy_scenario import copy_scenario
from ambar.oms.scenarios.actions.delete_scenario import delete_scenario
from ambar.oms.scenarios.actions.go_back import go_back
from ambar.oms.scenarios.actions.lint import findings_about
from ambar.oms.scenarios.actions.put_in_order import put_in_order
from ambar.oms.scenarios.actions.save_scenario import Edit, save
from ambar.oms.scenarios.kinds import DISTRIBUTION, TRANSFER, Kind

FILTERS = rest.Filters(
    {
        "id": rest.id_list("id__in"),
        "name": rest.exact("name"),
        "name__contains": rest.contains("name"),
        "is_active": rest.boolean("is_active"),
    }
)
SORT = {"id": "id", "name": "name", "priority": "priority", "modified_date": "modified_at"}
VERSION_FILTERS = rest.Filters({"act": rest.exact("act"), "author": rest.exact("author")})
VERSION_SORT = {"version": "number", "date": "at"}
SHAPES: dict[str, Callable[[Any], list[dict[str, Any]]]] = {
    DISTRIBUTION.name: schemas.scenarios,
    TRANSFER.name: schemas.transfer_scenarios,
}


def listed(request: HttpRequest, kind: Kind) -> dict[str, Any]:
    """Scenarios in the order they are asked."""
    return rest.page(
        request,
        kind.model.objects.prefetch_related("rules"),
        SHAPES[kind.name],
        filters=FILTERS,
        sort=SORT,
        default_sort="priority",
    )


def read(kind: Kind, scenario_id: int) -> dict[str, Any]:
    """One scenario as answered. Raises `NotFound`."""
    found = kind.model.objects.prefetch_related("rules").filter(pk=scenario_id).first()
    if found is None:
        raise NotFound("Not found.")
    return SHAPES[kind.name]([found])[0]


def checked(kind: Kind, scenario_id: int) -> dict[str, Any]:
    """One scenario with what the linter finds about it; an inactive one is looked at as if it were active."""
    return {**read(kind, scenario_id), "findings": findings_about(kind, scenario_id, now=clock.now())}


def created(request: HttpRequest, kind: Kind, body: Any) -> rest.Raw:
    """Store a new scenario; 201."""
    given = body.model_dump()
    edit = edit_of(request, given)
    made = save(kind, given, now=clock.now(), edit=edit)
    _audit(request, kind, "created", made.pk, {"name": made.name})
    return rest.Raw(201, checked(kind, made.pk))


def changed(request: HttpRequest, kind: Kind, scenario_id: int, body: Any) -> dict[str, Any]:
    """Change the fields given."""
    given = body.model_dump(include=body.model_fields_set)
    edit = edit_of(request, given)
    empty = sorted(name for name, value in given.items() if value is None)
    if empty:
        raise Invalid(fields={name: ["This field may not be null."] for name in empty})
    save(kind, given, scenario_id=scenario_id, now=clock.now(), edit=edit)
    _audit(request, kind, "changed", scenario_id, {"fields": sorted(given)})
    return checked(kind, scenario_id)


def switched(
    request: HttpRequest, kind: Kind, scenario_id: int, body: schemas.SwitchBody | None, *, is_active: bool
) -> dict[str, Any]:
    """Activate or deactivate."""
    edit = edit_of(request, {} if body is None else body.model_dump())
    save(kind, {"is_active": is_active}, scenario_id=scenario_id, now=clock.now(), edit=edit)
    _audit(request, kind, "activated" if is_active else "deactivated", scenario_id, {"note": edit.note})
    return checked(kind, scenario_id)


def ordered(request: HttpRequest, kind: Kind, body: schemas.OrderBody) -> dict[str, Any]:
    """Set the order in which the active scenarios are asked."""
    rows = put_in_order(kind, body.ids, now=clock.now(), edit=edit_of(request, {"note": body.note}))
    _audit(request, kind, "put_in_order", None, {"ids": body.ids})
    return {"results": SHAPES[kind.name](rows)}


def copied(request: HttpRequest, kind: Kind, scenario_id: int, body: schemas.CopyBody) -> rest.Raw:
    """Copy under a new name; 201."""
    edit = edit_of(request, {"note": body.note})
    made = copy_scenario(kind, scenario_id, body.name, now=clock.now(), edit=edit)
    _audit(request, kind, "copied", made.pk, {"from": scenario_id, "name": made.name})
    return rest.Raw(201, checked(kind, made.pk))


def deleted(request: HttpRequest, kind: Kind, scenario_id: int) -> rest.Raw:
    """Delete a draft; 204."""
    name = delete_scenario(kind, scenario_id)
    _audit(request, kind, "deleted", scenario_id, {"name": name})
    return rest.Raw(204, b"")


def kept(request: HttpRequest, kind: Kind, scenario_id: int) -> dict[str, Any]:
    """Versions, the last first."""
    if not kind.model.objects.filter(pk=scenario_id).exists():
        raise NotFound("Not found.")
    return rest.page(
        request,
        queries.versions(kind, scenario_id),
        schemas.versions,
        filters=VERSION_FILTERS,
        sort=VERSION_SORT,
        default_sort="-version",
    )


def kept_one(kind: Kind, scenario_id: int, number: int) -> dict[str, Any]:
    """One version with its body."""
    rows = list(queries.versions(kind, scenario_id).filter(number__lte=number).order_by("-number")[:2])
    if not rows or rows[0].number != number:
        raise NotFound("Not found.")
    return schemas.version(rows[0], rows[1] if len(rows) > 1 else None)


def gone_back(request: HttpRequest, kind: Kind, scenario_id: int, body: schemas.GoBackBody) -> dict[str, Any]:
    """Bring a version back."""
    given = body.model_dump()
    edit = edit_of(request, given)
    go_back(kind, scenario_id, body.version, now=clock.now(), edit=edit)
    _audit(request, kind, "went_back", scenario_id, {"version": body.version, "note": edit.note})
    return checked(kind, scenario_id)


def edit_of(request: HttpRequest, given: dict[str, Any]) -> Edit:
    """Who and why; takes `note` and `expected_version` out of `given`."""
    note, expected = given.pop("note", None), given.pop("expected_version", None)
    return Edit(author=request.principal.username, note=note or "", expected_version=expected)


def _audit(
    request: HttpRequest, kind: Kind, act: str, scenario_id: int | None, detail: dict[str, Any]
) -> None:
    prefix = "scenario" if kind is DISTRIBUTION else "transfer_scenario"
    accounts.audit(request.principal, f"{prefix}.{act}", kind.noun, scenario_id, detail)
