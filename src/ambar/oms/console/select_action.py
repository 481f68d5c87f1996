"""*Select Action*: the commands that may run on a package now, with their forms, and running one of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from ambar.kit import clock
from ambar.kit.ui import forms
from ambar.kit.ui.looks import Look
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.console import looks
from ambar.oms.packages import registry
from ambar.oms.packages.models import Package
from ambar.oms.packages.queries import location_bounds
from ambar.oms.states import registry as fits

ASKED_OF_PROGRAMS = ("transition", "slug", "package", "user", "token")
FORWARD = (500, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One runnable transition. `main`: the step forward that the screen offers as its one button."""

    slug: str
    label: str
    destination: Look
    fields: tuple[forms.Field, ...]
    main: bool = False

    @property
    def needs_answers(self) -> bool:
        """Whether the command cannot run without a form."""
        return any(field.required for field in self.fields)

    def with_answers(self, values: Mapping[str, Any], errors: Mapping[str, Sequence[str]]) -> "Choice":
        """The same choice with what was typed and what is wrong with it."""
        fields = tuple(
            replace(
                field,
                value=values.get(field.name, field.value),
                errors=tuple(map(str, errors.get(field.name, ()))),
            )
            for field in self.fields
        )
        return replace(self, fields=fields)


def choices(package: Package, principal: Any) -> list[Choice]:
    """What this person may run on the package now, in the order of the transitions."""
    offered = registry.commands_for({package.pk: (package.state, package.previous_state)}, principal)[
        package.pk
    ]
    found = [_choice(command) for command in offered if command.get("visibility") in (None, "everywhere")]
    main = next((slug for slug, code in _forward(offered)), None)
    return [replace(choice, main=choice.slug == main) for choice in found]


def _forward(offered: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    known = [(str(command["slug"]), _code(command)) for command in offered]
    return [(slug, code) for slug, code in known if code in FORWARD]


def _code(command: Mapping[str, Any]) -> int:
    destination = command.get("destination")
    if isinstance(destination, Mapping):
        destination = destination.get("enum_value")
    return int(str(destination))


def _choice(command: Mapping[str, Any]) -> Choice:
    schema = command.get("parameters") or {}
    return Choice(
        slug=str(command["slug"]),
        label=looks.translated(command),
        destination=looks.package(_code(command)),
        fields=tuple(forms.fields(schema, hidden=ASKED_OF_PROGRAMS)),
    )


def run(package_id: int, choice: Choice, values: Mapping[str, Any], principal: Any) -> None:
    """Run the chosen command. Its refusals (`Invalid`, `Conflict`, `NotFound`) pass through."""
    run_command(
        package_id,
        slug=choice.slug,
        parameters=values,
        location_ids=location_bounds(principal),
        user_id=principal.user_id,
        now=clock.now(),
    )


def command_title(code: str) -> str:
    """What a command is called in the history; plain state changes by the system have none."""
    fit = fits.fit_of(code)
    if fit is not None:
        return _(fit.title)
    return _("Planning") if code == "PLANNING" else code


def user_names(ids: Collection[int]) -> dict[int, str]:
    """`{user id: name to show}`, one statement."""
    if not ids:
        return {}
    users = get_user_model().objects.filter(pk__in=ids).values_list("pk", "name", "username")
    return {pk: name or username for pk, name, username in users}
