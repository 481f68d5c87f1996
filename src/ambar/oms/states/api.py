"""Akinon OMS: states, state transitions, state transition logs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.kit.text import is_digits
from ambar.oms.states import queries, registry, soundness
from ambar.oms.states.actions.delete_transition import delete_transition
from ambar.oms.states.actions.save_state import save_state
from ambar.oms.states.actions.save_transition import save_transition
from ambar.oms.states.columns import LOG
from ambar.oms.states.domain.codes import CONTENT_TYPES, ENUM_OF_KIND
from ambar.oms.states.models import TransitionLog
from ambar.oms.states.schemas import (
    StateIn,
    StatePatch,
    TransitionIn,
    TransitionPatch,
    given,
    log_json,
    transition_json,
)

router = rest.Router()

_STATE_FILTERS = rest.Filters(
    {
        "enum_class": rest.exact("enum_class"),
        "enum_value": rest.exact("enum_value"),
        "name": rest.exact("name"),
        "id__in": rest.id_list("id__in"),
    }
)
_TRANSITION_FILTERS = rest.Filters(
    {
        "slug": rest.exact("slug"),
        "kind": rest.exact("kind"),
        "command_code": rest.exact("command_code"),
        "source_state__enum_value": rest.exact("source__enum_value"),
        "destination_state__enum_value": rest.exact("destination__enum_value"),
        "is_active": rest.boolean("is_active"),
    }
)


def _content_type(queryset: Any, values: list[str]) -> Any:
    kinds = {str(number): kind for kind, number in CONTENT_TYPES.items()}
    unknown = [value for value in values if value not in kinds]
    if unknown:
        raise Invalid(fields={"content_type": [f"'{unknown[0]}' is not a content type."]})
    return queryset.filter(kind__in=[kinds[value] for value in values])


def _comparisons(name: str, column: str, make: Any) -> dict[str, Any]:
    return {f"{name}__{op}": make(f"{column}__{op}") for op in ("gt", "gte", "lt", "lte")}


_LOG_FILTERS = rest.Filters(
    {
        "old_state": rest.id_list("old_state_id__in"),
        "new_state": rest.id_list("new_state_id__in"),
        "old_state__name": rest.exact("old_state__name"),
        "new_state__name": rest.exact("new_state__name"),
        "old_state__enum_value__in": rest.choice_in("old_state__enum_value"),
        "new_state__enum_value__in": rest.choice_in("new_state__enum_value"),
        "object_id": rest.id_list("object_id__in"),
        "content_type": _content_type,
        **_comparisons("created_date", "created_at", rest.datetime),
        **_comparisons("modified_date", "created_at", rest.datetime),
        **_comparisons("id", "id", rest.integer),
    }
)


@router.get("/states/")
@rest.needs("states:read")
def list_states(request: HttpRequest) -> Any:
    """All states, all enumerations."""
    return rest.page(
        request,
        queries.states(),
        lambda rows: [queries.as_json(row) for row in rows],
        filters=_STATE_FILTERS,
        sort=("id", "enum_value", "name"),
        default_limit=100,
    )


@router.post("/states/")
@rest.needs("states:write")
def create_state(request: HttpRequest, body: StateIn) -> Any:
    """A state row for a code that has none yet."""
    return rest.Raw(201, queries.as_json(save_state(body.model_dump(), now=clock.now())))


@router.get("/states/{int:state_id}/")
@rest.needs("states:read")
def get_state(request: HttpRequest, state_id: int) -> Any:
    """One state."""
    row = queries.states().filter(pk=state_id).first()
    if row is None:
        raise NotFound("State not found.")
    return queries.as_json(row)


@router.patch("/states/{int:state_id}/")
@rest.needs("states:write")
def patch_state(request: HttpRequest, state_id: int, body: StatePatch) -> Any:
    """Change the names or the configuration; the code stays."""
    return queries.as_json(save_state(given(body), state_id=state_id, now=clock.now()))


@router.get("/state-transitions/")
@rest.needs("states:read")
def list_transitions(request: HttpRequest) -> Any:
    """All transitions."""
    return rest.page(
        request,
        queries.transitions(),
        lambda rows: [transition_json(row) for row in rows],
        filters=_TRANSITION_FILTERS,
        sort=("id", "slug", "name"),
        default_limit=100,
    )


@router.post("/state-transitions/")
@rest.needs("states:write")
def create_transition(request: HttpRequest, body: TransitionIn) -> Any:
    """A new button; refused when the command does not fit the two states."""
    return rest.Raw(201, transition_json(save_transition(body.model_dump(), now=clock.now())))


@router.get("/state-transitions/commands/")
@rest.needs("states:read")
def list_command_fits(request: HttpRequest) -> Any:
    """Which command codes fit where: what the form offers. Narrowed by `kind`, `code`, `source_state`, `destination_state` (ids)."""
    asked = _asked(request, "kind", "code", "source_state", "destination_state")
    source, destination = (
        _state_of(asked, field) if field in asked else None for field in ("source_state", "destination_state")
    )
    if "kind" in asked and asked["kind"] not in soundness.KINDS:
        raise Invalid(fields={"kind": [f"Must be one of {', '.join(soundness.KINDS)}."]})
    if "code" in asked and registry.fit_of(asked["code"]) is None:
        raise Invalid(fields={"code": [f"Unknown command code '{asked['code'][:60]}'."]})
    rows = []
    for fit in registry.fits(kind=asked.get("kind")):
        enum_class = ENUM_OF_KIND[fit.kind]
        pairs = [
            pair
            for pair in sorted(fit.pairs)
            if (source is None or source == (enum_class, pair[0]))
            and (destination is None or destination == (enum_class, pair[1]))
        ]
        if pairs and asked.get("code", fit.code) == fit.code:
            rows.append(
                {"code": fit.code, "kind": fit.kind, "title": fit.title, "pairs": [list(p) for p in pairs]}
            )
    return {"commands": rows}


def _asked(request: HttpRequest, *known: str) -> dict[str, str]:
    unknown = sorted(set(request.GET) - set(known))
    if unknown:
        raise Invalid(fields={name: ["Unknown filter."] for name in unknown})
    return {name: request.GET[name] for name in request.GET}


def _state_of(asked: dict[str, str], field: str) -> tuple[str, str]:
    text = asked[field]
    row = None
    if is_digits(text) and len(text) <= 18:
        row = queries.states().filter(pk=int(text)).first()
    if row is None:
        raise Invalid(fields={field: ["No such state."]})
    return row.enum_class, row.enum_value


@router.get("/state-transitions/check/")
@rest.needs("states:read")
def check_transitions(request: HttpRequest) -> Any:
    """Unreachable states, dead ends, circles, and transitions that can't be run; `ok` is false when one is an error."""
    _asked(request)
    found = soundness.findings()
    return {"ok": all(f.level != "error" for f in found), "findings": [asdict(f) for f in found]}


@router.get("/state-transitions/flowchart/")
@rest.needs("states:read")
def draw_flowchart(request: HttpRequest) -> Any:
    """The active transitions as an SVG picture: `kind` package (default) or transfer, `language` en (default) or tr."""
    asked = _asked(request, "kind", "language")
    kind, language = asked.get("kind", "package"), asked.get("language", "en")
    for field, value, known in (("kind", kind, soundness.KINDS), ("language", language, soundness.LANGUAGES)):
        if value not in known:
            raise Invalid(fields={field: [f"Must be one of {', '.join(known)}."]})
    drawn = soundness.flowchart(kind, language=language).encode()
    return rest.Raw(200, drawn, content_type="image/svg+xml; charset=utf-8")


@router.get("/state-transitions/{int:transition_id}/")
@rest.needs("states:read")
def get_transition(request: HttpRequest, transition_id: int) -> Any:
    """One transition."""
    row = queries.transitions().filter(pk=transition_id).first()
    if row is None:
        raise NotFound("State transition not found.")
    return transition_json(row)


@router.patch("/state-transitions/{int:transition_id}/")
@rest.needs("states:write")
def patch_transition(request: HttpRequest, transition_id: int, body: TransitionPatch) -> Any:
    """Change a transition; checked like a new one."""
    return transition_json(save_transition(given(body), transition_id=transition_id, now=clock.now()))


@router.delete("/state-transitions/{int:transition_id}/")
@rest.needs("states:write")
def remove_transition(request: HttpRequest, transition_id: int) -> Any:
    """Delete a transition of one's own: 204; 406 for one that every installation has (switch it off with `is_active`)."""
    delete_transition(transition_id)
    return rest.Raw(204)


@router.get("/state-transition-logs/")
@rest.needs("states:read")
def list_logs(request: HttpRequest) -> Any:
    """The log, newest first; `format=csv` or `xlsx` gives all of it as a file, `xml` and `html` a page."""
    return rest.page(
        request,
        queries.visible_logs(request.principal),
        lambda rows: [log_json(row) for row in rows],
        filters=_LOG_FILTERS,
        sort={"id": "id", "created_date": "created_at"},
        default_sort="-id",
        max_limit=100,
        cursor=True,
        columns=LOG,
        xml=True,
    )


@router.get("/state-transition-logs/{int:log_id}/")
@rest.needs("states:read")
def get_log(request: HttpRequest, log_id: int) -> Any:
    """One log row."""
    row = queries.visible_logs(request.principal).filter(pk=log_id).first()
    if row is None:
        accounts.note_foreign(request.principal, TransitionLog.objects.all(), log_id)
        raise NotFound("State transition log not found.")
    return log_json(row)
