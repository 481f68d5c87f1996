"""One command on many records: what may be run, what is asked once for all, and what each record needs of its own."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from ambar.kit.ui import forms
from ambar.kit.ui.forms import Field
from ambar.oms.console import action_fields, looks
from ambar.oms.console.select_action import Choice, Offer, is_shown, plain_choice
from ambar.oms.packages import registry as packages
from ambar.oms.packages.queries import location_bounds
from ambar.oms.transfers import registry as transfers

OF_ITEMS = (
    "package_items",
    "transfer_items",
    "assignment_groups",
    "missing_items",
    "replacement_products",
    "barcodes",
)
"""Parameters about the items of one record: a command that must have them is run record by record."""
OF_EACH = (
    "tracking_number",
    "query_number",
    "invoice_number",
    "invoice_date",
    "invoice_url",
    "document_type",
)
"""Parameters that are another one for every record."""
MOST_OF_EACH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a command on many records asks: `shared` once, `each` of every record."""

    shared: tuple[Field, ...]
    each: tuple[Field, ...]

    @property
    def needs_form(self) -> bool:
        """Whether people are asked anything before it runs."""
        return bool(self.shared) or any(field.required for field in self.each)


def package_choices(states: Collection[int], principal: Any) -> list[Choice]:
    """What may be run on many packages in these states at once."""
    return _choices(
        packages.commands_for({state: (state, None) for state in states}, principal).values(), looks.package
    )


def transfer_choices(states: Collection[str], principal: Any) -> list[Choice]:
    """What may be run on many transfers in these states at once; each side's commands are refused by the other's rows."""
    own = location_bounds(principal)
    end = own[0] if own else 0
    standing = {number: (state, end, end) for number, state in enumerate(sorted(states))}
    return _choices(transfers.commands_for(standing, principal).values(), looks.transfer)


def _choices(offered: Iterable[Sequence[Offer]], look: Any) -> list[Choice]:
    known: dict[str, Offer] = {}
    for commands in offered:
        for command in commands:
            known.setdefault(str(command["slug"]), command)
    found = [plain_choice(command, look) for command in known.values() if is_shown(command)]
    return [choice for choice in found if not any(f.required and f.name in OF_ITEMS for f in choice.fields)]


def asked(choice: Choice, principal: Any) -> Asked:
    """What the form for many records asks."""
    kept = [field for field in choice.fields if field.name not in OF_ITEMS]
    tailored = action_fields.tailored(kept, tuple, location_ids=location_bounds(principal))
    return Asked(
        shared=tuple(field for field in tailored if field.name not in OF_EACH),
        each=tuple(field for field in tailored if field.name in OF_EACH),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was typed: parameters per record, and the form to show again when something is wrong with it."""

    parameters: Mapping[int, Mapping[str, Any]]
    form: Asked
    each: Mapping[int, tuple[Field, ...]]
    wrong: bool


def read(form: Asked, ids: Sequence[int], posted: QueryDict) -> Answers:
    """The posted answers for all of these records."""
    values, errors, raw = forms.read(form.shared, posted)
    shared = action_fields.gathered(values)
    own = {one: _named(form.each, one) for one in ids[:MOST_OF_EACH]}
    parameters: dict[int, dict[str, Any]] = {one: dict(shared) for one in ids}
    wrong = bool(errors)
    drawn: dict[int, tuple[Field, ...]] = {}
    for one, inputs in own.items():
        given, problems, texts = forms.read(inputs, posted)
        drawn[one] = tuple(forms.answered(inputs, texts, problems))
        parameters[one] |= action_fields.gathered(
            {name.rsplit(":", 1)[0]: value for name, value in given.items()}
        )
        wrong = wrong or bool(problems)
    again = replace(form, shared=tuple(forms.answered(form.shared, raw, errors)))
    return Answers(parameters=parameters, form=again, each=drawn, wrong=wrong)


def own_inputs(form: Asked, ids: Sequence[int]) -> dict[int, tuple[Field, ...]]:
    """The inputs of each record, named after it."""
    return {one: _named(form.each, one) for one in ids[:MOST_OF_EACH]} if form.each else {}


def _named(fields: Sequence[Field], record_id: int) -> tuple[Field, ...]:
    return tuple(replace(field, name=f"{field.name}:{record_id}") for field in fields)


def too_many(form: Asked, count: int) -> str:
    """Why so many records can't be asked about one by one; empty when they can."""
    if count <= MOST_OF_EACH or not any(field.required for field in form.each):
        return ""
    return _("At most %(most)s at once, because each needs its own number.") % {"most": MOST_OF_EACH}
