"""*Select Action*: the commands that may run on a package or transfer now, with their forms, and running one of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit import clock
from ambar.kit.text import is_digits
from ambar.kit.ui import forms
from ambar.kit.ui.looks import Look
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.kinds import PACKAGES, Kind
from ambar.oms.console import action_fields, looks, other_packages
from ambar.oms.console.action_fields import Item
from ambar.oms.packages import registry
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.packages.queries import location_bounds
from ambar.oms.states import registry as fits
from ambar.oms.transfers import registry as transfers
from ambar.oms.transfers.models import Transfer, TransferItem

ASKED_OF_PROGRAMS = (
    "transition",
    "slug",
    "package",
    "transfer",
    "user",
    "token",
    "document_content",
    "select_items_by_omnitron_id",
)
SAID_BY_SCREEN = {"select_items_by_omnitron_id": False}
"""Parameters that programs choose and this screen always gives alike."""
FORWARD = ("500", "600", "ready_to_shipment", "in_transit", "transferred")
BY_ITSELF = {"PLANNING": gettext_lazy("Planning"), "CANCELLATION": gettext_lazy("Cancellation")}
"""What the system does without a command, as its log names it."""
Offer = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One runnable transition. `main`: the step forward that the screen offers as its one button; `given`: parameters
    nobody is asked for."""

    slug: str
    label: str
    command_code: str
    destination: Look
    fields: tuple[forms.Field, ...]
    given: Mapping[str, Any] = field(default_factory=dict)
    main: bool = False

    @property
    def needs_answers(self) -> bool:
        """Whether the command cannot run without a form."""
        return any(one.required for one in self.fields)

    def with_answers(self, values: Mapping[str, Any], errors: Mapping[str, Sequence[str]]) -> "Choice":
        """The same choice with what was typed and what is wrong with it."""
        return replace(self, fields=tuple(forms.answered(self.fields, values, errors)))


def choices(package: Package, principal: Any) -> list[Choice]:
    """What this person may run on the package now, in the order of the transitions."""
    standing = {package.pk: (package.state, package.previous_state)}
    offered = registry.commands_for(standing, principal)[package.pk]
    return _choices(offered, looks.package, lambda: _package_items(package.pk), principal)


def chosen(choices: Sequence[Choice], slug: str | None, package: Package) -> Choice | None:
    """The choice a person has opened or sent, with the packages there are where it asks for others; None when it is none."""
    found = next((choice for choice in choices if choice.slug == slug), None)
    return None if found is None else replace(found, fields=other_packages.named(found.fields, package))


def transfer_choices(transfer: Transfer, principal: Any) -> list[Choice]:
    """What this person may run on the transfer now; the other end's commands are left out."""
    standing = {transfer.pk: (transfer.state, transfer.source_id, transfer.destination_id)}
    offered = transfers.commands_for(standing, principal)[transfer.pk]
    return _choices(offered, looks.transfer, lambda: _transfer_items(transfer.pk), principal)


def _choices(
    offered: Sequence[Offer], look: Callable[[Any], Look], items: action_fields.Items, principal: Any
) -> list[Choice]:
    kept: list[Sequence[Item]] = []

    def once() -> Sequence[Item]:
        if not kept:
            kept.append(items())
        return kept[0]

    shown = [command for command in offered if is_shown(command)]
    found = [
        replace(
            choice,
            fields=action_fields.tailored(choice.fields, once, location_ids=location_bounds(principal)),
        )
        for choice in (plain_choice(command, look) for command in shown)
    ]
    main = next((str(command["slug"]) for command in shown if _code(command) in FORWARD), None)
    return [replace(choice, main=choice.slug == main) for choice in found]


def _code(command: Offer) -> str:
    destination = command.get("destination")
    return str(destination.get("enum_value") if isinstance(destination, Mapping) else destination)


def is_shown(command: Offer) -> bool:
    """Whether people are offered the command, not only programs."""
    return command.get("visibility") in (None, "everywhere")


def plain_choice(command: Offer, look: Callable[[Any], Look]) -> Choice:
    """The command with its fields as the schema tells them."""
    schema = command.get("parameters") or {}
    code = _code(command)
    return Choice(
        slug=str(command["slug"]),
        label=looks.translated(command),
        command_code=str(command["command_code"]),
        destination=look(int(code) if is_digits(code) else code),
        fields=tuple(forms.fields(schema, hidden=ASKED_OF_PROGRAMS)),
        given={name: said for name, said in SAID_BY_SCREEN.items() if name in schema.get("properties", {})},
    )


def _package_items(package_id: int) -> list[Item]:
    rows = PackageItem.objects.select_related("product").filter(package_id=package_id).order_by("id")
    return [
        Item(
            id=row.pk,
            product_id=row.product_id,
            sku=row.product.sku,
            name=row.product.name,
            quantity=row.quantity,
        )
        for row in rows
    ]


def _transfer_items(transfer_id: int) -> list[Item]:
    rows = TransferItem.objects.select_related("product").filter(transfer_id=transfer_id).order_by("id")
    return [
        Item(
            id=row.pk,
            product_id=row.product_id,
            sku=row.product.sku,
            name=row.product.name,
            quantity=row.quantity,
        )
        for row in rows
    ]


def run(
    record_id: int, choice: Choice, values: Mapping[str, Any], principal: Any, *, kind: Kind = PACKAGES
) -> None:
    """Run the chosen command. Its refusals (`Invalid`, `Conflict`, `NotFound`) pass through."""
    run_command(
        record_id,
        kind=kind,
        slug=choice.slug,
        parameters={**choice.given, **action_fields.gathered(values)},
        location_ids=location_bounds(principal),
        user_id=principal.user_id,
        now=clock.now(),
    )


def command_title(code: str) -> str:
    """What a command is called in the history; plain state changes by the system have none."""
    fit = fits.fit_of(code)
    if fit is not None:
        return _(fit.title)
    return str(BY_ITSELF.get(code, code))


def user_names(ids: Collection[int]) -> dict[int, str]:
    """`{user id: name to show}`, one statement."""
    if not ids:
        return {}
    users = get_user_model().objects.filter(pk__in=ids).values_list("pk", "name", "username")
    return {pk: name or username for pk, name, username in users}
