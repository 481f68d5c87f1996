"""Wire shapes of states, transitions and the log."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ambar.kit import clock, rest
from ambar.oms.states import queries
from ambar.oms.states.actions.save_transition import MASK
from ambar.oms.states.domain.codes import CONTENT_TYPES
from ambar.oms.states.domain.parameters import with_secrets
from ambar.oms.states.models import StateTransition, TransitionLog

Name = Annotated[str, Field(min_length=1, max_length=128)]
Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
Visibility = Literal["everywhere", "api", "hidden"]
Translations = dict[str, dict[str, str]]


class StateIn(rest.Body):
    name: Name
    enum_class: str
    enum_value: str
    translations: Translations = {}
    config: dict[str, Any] = {}


class StatePatch(rest.Body):
    name: Name | None = None
    enum_class: str | None = None
    enum_value: str | None = None
    translations: Translations | None = None
    config: dict[str, Any] | None = None


class TransitionIn(rest.Body):
    name: Name
    slug: Slug
    command_code: Annotated[str, Field(max_length=64)]
    source_state: int
    destination_state: int
    visibility: Visibility = "everywhere"
    parameters: dict[str, Any] = {}
    translations: Translations = {}
    is_active: bool = True


class TransitionPatch(rest.Body):
    name: Name | None = None
    slug: Slug | None = None
    command_code: Annotated[str, Field(max_length=64)] | None = None
    source_state: int | None = None
    destination_state: int | None = None
    visibility: Visibility | None = None
    parameters: dict[str, Any] | None = None
    translations: Translations | None = None
    is_active: bool | None = None


def given(body: rest.Body) -> dict[str, Any]:
    """The keys of a PATCH that carry a value."""
    return {key: value for key, value in body.model_dump(exclude_unset=True).items() if value is not None}


def transition_json(row: StateTransition) -> dict[str, Any]:
    """One transition."""
    return {
        "id": row.pk,
        "name": row.name,
        "slug": row.slug,
        "kind": row.kind,
        "command_code": row.command_code,
        "source_state": queries.as_json(row.source),
        "destination_state": queries.as_json(row.destination),
        "visibility": row.visibility,
        "parameters": with_secrets(row.parameters, lambda _: MASK),
        "translations": row.translations,
        "is_active": row.is_active,
        "created_date": clock.iso(row.created_at),
        "modified_date": clock.iso(row.modified_at),
    }


def log_json(row: TransitionLog) -> dict[str, Any]:
    """One log row (Akinon OMS: state transition logs, models)."""
    ends = {
        key: None
        if state is None
        else {
            "id": state.pk,
            "name": state.name,
            "enum_value": state.enum_value,
            "enum_class": state.enum_class,
        }
        for key, state in (("old_state", row.old_state), ("new_state", row.new_state))
    }
    return {
        "id": row.pk,
        **ends,
        "user": row.user_id,
        "attributes": row.attributes,
        "created_date": clock.iso(row.created_at),
        "modified_date": clock.iso(row.created_at),
        "object_id": row.object_id,
        "content_type": CONTENT_TYPES[row.kind],
    }
