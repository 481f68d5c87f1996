"""Add or change a state transition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit import vault
from ambar.kit.http import AddressRefused, guard
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.states import queries, registry
from ambar.oms.states.domain.codes import ENUM_OF_KIND
from ambar.oms.states.domain.fits import require_fit
from ambar.oms.states.domain.parameters import INVOICE, SECRETS, read_parameters, with_secrets
from ambar.oms.states.models import State, StateTransition

_PLAIN_FIELDS = ("name", "slug", "command_code", "visibility", "parameters", "translations", "is_active")

MASK = "********"


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
    before = with_secrets(row.parameters, vault.open)
    for field in _PLAIN_FIELDS:
        if field in values:
            setattr(row, field, values[field])
    for field, attribute in (("source_state", "source"), ("destination_state", "destination")):
        if field in values:
            setattr(row, attribute, _state(values[field], field))
    row.modified_at = now
    _check(row)
    row.parameters = _parameters(row.parameters, before, row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        field = "slug" if "slug" in str(error) else "command_code"
        raise Invalid(fields={field: ["A transition with this value exists already."]}) from error
    queries.forget()
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
    row.kind = fit.kind


def _parameters(given: Any, before: Mapping[str, Any], row: StateTransition) -> dict[str, Any]:
    """Checked and sealed. A masked secret keeps the stored one, unless the address or the kind of login changes."""
    own = with_secrets(given, _opened) if isinstance(given, dict) else given
    fit = registry.fit_of(row.command_code)
    read = read_parameters(
        own,
        kind=row.kind,
        source=row.source.enum_value,
        destination=row.destination.enum_value,
        calls=fit.calls if fit is not None else (),
    )
    call, old = read.get(INVOICE, {}), before.get(INVOICE, {})
    auth, old_auth = call.get("auth", {}), old.get("auth", {})
    for name in SECRETS:
        if auth.get(name) == MASK:
            same = (call.get("remote_url"), auth["request_type"]) == (
                old.get("remote_url"),
                old_auth.get("request_type"),
            )
            if not same or name not in old_auth:
                raise Invalid(fields={"parameters": [f"{INVOICE}.auth.{name}: give it again."]})
            read = {**read, INVOICE: {**call, "auth": {**auth, name: old_auth[name]}}}
    if call.get("remote_url"):
        try:
            guard.check(call["remote_url"])
        except AddressRefused as refused:
            raise Invalid(fields={"parameters": [f"{INVOICE}.remote_url: {refused.message}"]}) from None
    return with_secrets(read, vault.seal)


def _opened(secret: Any) -> Any:
    """Rows that are saved again unchanged carry their secrets sealed."""
    return vault.open(secret) if isinstance(secret, str) and secret.startswith(vault.PREFIX) else secret
