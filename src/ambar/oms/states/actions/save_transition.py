"""Add or change a state transition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.states import registry
from ambar.oms.states.domain.codes import ENUM_OF_KIND
from ambar.oms.states.domain.fits import require_fit
from ambar.oms.states.models import State, StateTransition

_PLAIN_FIELDS = ("name", "slug", "command_code", "visibility", "parameters", "translations", "is_active")

_PARAMETERS = {"sync_remote_order_status": bool}


def save_transition(
    values: Mapping[str, Any], *, transition_id: int | None = None, now: datetime
) -> StateTransition:
    """Create or change a transition; `source_state` and `destination_state` are state ids.

    Raises `Invalid` naming the field when the command does not fit the two states, the states belong to another
    kind of record, the slug or the (command, source, destination) is taken; `NotFound` for an unknown id.
    Akinon OMS: How to Add or Edit a State Transition.
    """
    if transition_id is None:
        row = StateTransition(created_at=now, parameters={}, translations={})
    else:
        found = (
            StateTransition.objects.select_related("source", "destination").filter(pk=transition_id).first()
        )
        if found is None:
            raise NotFound("State transition not found.")
        row = found
    for field in _PLAIN_FIELDS:
        if field in values:
            setattr(row, field, values[field])
    for field, attribute in (("source_state", "source"), ("destination_state", "destination")):
        if field in values:
            setattr(row, attribute, _state(values[field], field))
    row.modified_at = now
    _check(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        field = "slug" if "slug" in str(error) else "command_code"
        raise Invalid(fields={field: ["A transition with this value exists already."]}) from error
    return row


def _state(state_id: int, field: str) -> State:
    state = State.objects.filter(pk=state_id).first()
    if state is None:
        raise Invalid(fields={field: ["No such state."]})
    return state


def _check(row: StateTransition) -> None:
    fit = require_fit(
        registry.fit_of(row.command_code),
        code=row.command_code,
        source=row.source.enum_value,
        destination=row.destination.enum_value,
    )
    enum_class = ENUM_OF_KIND[fit.kind]
    for field, state in (("source_state", row.source), ("destination_state", row.destination)):
        if state.enum_class != enum_class:
            raise Invalid(
                fields={field: [f"{row.command_code} acts on {enum_class}, not {state.enum_class}."]}
            )
    if row.visibility not in StateTransition.VISIBILITIES:
        raise Invalid(fields={"visibility": [f"One of {', '.join(StateTransition.VISIBILITIES)}."]})
    if not isinstance(row.parameters, dict):
        raise Invalid(fields={"parameters": ["Must be an object."]})
    for key, value in row.parameters.items():
        if key not in _PARAMETERS:
            known = ", ".join(sorted(_PARAMETERS))
            raise Invalid(
                fields={"parameters": [f"'{key[:60]}' is not a parameter of this version. Known: {known}."]}
            )
        if not isinstance(value, _PARAMETERS[key]):
            raise Invalid(fields={"parameters": [f"{key} must be true or false."]})
    row.kind = fit.kind
