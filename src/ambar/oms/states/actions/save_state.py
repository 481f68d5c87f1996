"""Add or rename a state row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.states import queries
from ambar.oms.states.domain.codes import ENUM_CLASSES
from ambar.oms.states.models import State


def save_state(values: Mapping[str, Any], *, state_id: int | None = None, now: datetime) -> State:
    """Create (`state_id` None) or change name, translations, config of a state.

    Raises `Invalid` for an unknown enumeration or code, a repeated one, and for changing the code of a row;
    `NotFound` for an unknown id. Akinon OMS: states.
    """
    if state_id is None:
        state = State(created_at=now, config={}, translations={})
        _check_code(values)
        state.enum_class, state.enum_value = values["enum_class"], values["enum_value"]
    else:
        found = State.objects.filter(pk=state_id).first()
        if found is None:
            raise NotFound("State not found.")
        state = found
        for field in ("enum_class", "enum_value"):
            if field in values and values[field] != getattr(state, field):
                raise Invalid(fields={field: ["Cannot be changed: the code acts on it."]})
    for field in ("name", "translations", "config"):
        if field in values:
            setattr(state, field, values[field])
    if "name" in values and "translations" not in values:
        # Screens in English show the translation: a new name has to be seen there too.
        state.translations = {**state.translations, "en-us": {"name": state.name}}
    state.modified_at = now
    try:
        with transaction.atomic():
            state.save()
    except IntegrityError as error:
        raise Invalid(fields={"enum_value": ["This state exists already."]}) from error
    queries.forget()
    return state


def _check_code(values: Mapping[str, Any]) -> None:
    known = ENUM_CLASSES.get(values["enum_class"])
    if known is None:
        raise Invalid(fields={"enum_class": [f"One of {', '.join(sorted(ENUM_CLASSES))}."]})
    if values["enum_value"] not in known:
        raise Invalid(fields={"enum_value": [f"Not a value of {values['enum_class']}."]})
