"""The form of a kept record, written once: what is typed is read, saved or told back, and the act is noted down.

Carriers, inventory engines, sender addresses and reasons are lists of kept records with a form each. What differs
(fields, who may write, how one is saved) stays on their screens.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from ambar.kit import accounts
from ambar.kit.refusals import Invalid, Refusal
from ambar.kit.ui import forms, gate
from ambar.kit.ui.forms import Field
from ambar.oms.console import refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What became of a posted form: `saved` is the record, or None; then `fields` is the form again, with `status`."""

    saved: Any = None
    fields: list[Field] = field(default_factory=list)
    status: int = 400


def forbidden(request: HttpRequest) -> HttpResponse:
    """The answer to a person who may look but not write."""
    return render(request, "ui/forbidden.html", status=403)


def bound(request: HttpRequest) -> bool:
    """Whether the person is bound to locations: such people keep no records of the whole house."""
    return "location_ids" in gate.principal(request).bounds


def post(request: HttpRequest, fields: Sequence[Field], save: Callable[[dict[str, Any]], Any]) -> Posted:
    """Read the form and save it. A refusal of a field stands at that field; any other is a message, and a 409."""
    values, errors, raw = forms.read(fields, request.POST)
    status = 400
    try:
        if errors:
            raise Invalid(fields=errors)
        return Posted(saved=save(values))
    except Invalid as refusal:
        told, rest = refusals.at_inputs(refusal.fields, fields)
        for words in rest:
            messages.error(request, words)
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
        told, status = {}, 409
    return Posted(fields=forms.answered(fields, raw, told), status=status)


def note(request: HttpRequest, noun: str, pk: int | None, saved: Any, **detail: Any) -> None:
    """Write down who changed (`pk` given) or created the record, and tell that it is saved."""
    act = "changed" if pk else "created"
    accounts.audit(gate.principal(request), f"{noun}.{act}", noun, saved.pk, detail)
    messages.success(request, _("Saved."))


def note_deleted(request: HttpRequest, noun: str, pk: int, words: str, **detail: Any) -> None:
    """Write down who deleted the record, and tell it in `words`."""
    accounts.audit(gate.principal(request), f"{noun}.deleted", noun, pk, detail)
    messages.success(request, words)


def no_longer_than(given: Mapping[str, Any], longest: Mapping[str, int]) -> None:
    """Refuse a text above its longest. Raises `Invalid` naming the field."""
    for name, most in longest.items():
        if len(given.get(name) or "") > most:
            raise Invalid(fields={name: [_("At most %(most)s characters.") % {"most": most}]})


def from_one_to(given: Mapping[str, Any], most_of: Mapping[str, int]) -> None:
    """Refuse a whole number outside 1 to its most. Raises `Invalid` naming the field."""
    for name, most in most_of.items():
        if not 1 <= given[name] <= most:
            raise Invalid(fields={name: [_("Write a number from 1 to %(most)s.") % {"most": most}]})
