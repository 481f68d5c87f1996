"""A transition as it is offered on a record: what a client needs to draw the form and run it."""

from __future__ import annotations

from typing import Any

from ambar.oms.commands import outside, registry
from ambar.oms.commands.kinds import Kind
from ambar.oms.states import queries as states


def is_offered(transition: states.Transition) -> bool:
    """Not hidden, and its command fits its states."""
    command = registry.command_of(transition.command_code)
    pair = (transition.source, transition.destination)
    return command is not None and pair in command.pairs and transition.visibility != "hidden"


def as_offer(kind: Kind, transition: states.Transition) -> dict[str, Any]:
    """Transition, slug, names, command code, destination and the JSON schema of the parameters."""
    return {
        "transition": transition.id,
        "slug": transition.slug,
        "name": transition.name,
        "translations": transition.translations,
        "command_code": transition.command_code,
        "visibility": transition.visibility,
        "destination": states.state_json(kind.enum_class, transition.destination),
        "parameters": _schema(transition),
    }


def _schema(transition: states.Transition) -> dict[str, Any]:
    """The command's schema; who updates an invoice that nobody is asked for has to give it."""
    schema = registry.schema_of(transition.command_code)
    if transition.command_code == outside.UPDATE_INVOICE and not outside.purposes(transition):
        return {**schema, "required": ["invoice_number"]}
    return schema
