"""Run one transition on any number of packages: one transaction, a few statements, a verdict each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from pydantic import ValidationError

from ambar.kit import rest
from ambar.kit.ids import uuid7
from ambar.kit.refusals import Invalid
from ambar.oms.commands import registry
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.domain.verdicts import Verdict, repeated, unknown, wrong_state
from ambar.oms.packages import store as packages
from ambar.oms.states import queries as states
from ambar.oms.states.domain.fits import require_fit
from ambar.oms.states.registry import fit_of

KIND = "package"
ATTEMPTS = 3
_DEADLOCK = "40P01"


def run_many(
    slug: str | None,
    package_ids: Sequence[int],
    *,
    transition_id: int | None = None,
    parameters: Mapping[int, Mapping[str, Any]] | None = None,
    location_ids: Sequence[int] | None = None,
    user_id: int | None = None,
    now: datetime,
) -> list[Verdict]:
    """Run the transition named by `slug` and/or `transition_id`; verdicts stand in the order of `package_ids`.

    `parameters`: per package id; `location_ids`: the caller's own locations, None = all. A package refused changes
    nothing and does not hold up the others. Raises `Invalid` for an unknown transition, or one whose command does not
    fit its states. A deadlock is tried again when no outer transaction is open.
    """
    transition = _transition(slug, transition_id)
    command = registry.command_of(transition.command_code)
    if command is None:
        raise Invalid(fields={"transition": [f"Unknown command code '{transition.command_code}'."]})
    verdicts: dict[int, Verdict] = {}
    parsed: dict[int, rest.Body] = {}
    for package_id in dict.fromkeys(package_ids):
        try:
            parsed[package_id] = parse(command, (parameters or {}).get(package_id, {}))
        except Invalid as refusal:
            verdicts[package_id] = Verdict(package_id=package_id, refusal=refusal)
    if command.before is not None and parsed and not connection.in_atomic_block:
        command.before(list(parsed), now)
    run = _retried if not connection.in_atomic_block else _once
    verdicts.update(run(command, transition, parsed, location_ids, user_id, now))
    return _in_order(package_ids, verdicts)


def _transition(slug: str | None, transition_id: int | None) -> states.Transition:
    if slug is None and transition_id is None:
        raise Invalid(fields={"transition": ["Give transition or slug."]})
    found = states.transition(KIND, id=transition_id, slug=slug)
    if found is None:
        raise Invalid(
            fields={"slug" if transition_id is None else "transition": ["No such transition of packages."]}
        )
    fit = fit_of(found.command_code)
    require_fit(fit, code=found.command_code, source=found.source, destination=found.destination)
    return found


def parse(command: registry.Command, given: Mapping[str, Any]) -> rest.Body:
    """The parameters, checked; raises `Invalid` naming each field."""
    try:
        return command.parameters.model_validate(dict(given))
    except ValidationError as error:
        fields: dict[str, list[str]] = {}
        for problem in error.errors(include_url=False, include_input=False):
            name = ".".join(str(part) for part in problem["loc"]) or "non_field_errors"
            fields.setdefault(name, []).append(problem["msg"])
        raise Invalid(fields=fields) from error


def _retried(*arguments: Any) -> dict[int, Verdict]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _once(*arguments)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != _DEADLOCK or attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _once(
    command: registry.Command,
    transition: states.Transition,
    parameters: Mapping[int, rest.Body],
    location_ids: Sequence[int] | None,
    user_id: int | None,
    now: datetime,
) -> dict[int, Verdict]:
    if not parameters:
        return {}
    with transaction.atomic():
        locked = packages.lock(list(parameters), location_ids=location_ids)
        batch = Batch(
            transition=transition,
            locked=locked,
            parameters=parameters,
            user_id=user_id,
            location_ids=location_ids,
            cause=uuid7(now),
            now=now,
        )
        for package in batch.standing:
            if str(package.state) != transition.source:
                refusal = wrong_state(now_in=_named(package.state), starts_from=_named(transition.source))
                batch.refuse(package.id, refusal)
        if batch.standing:
            command.run(batch)
    return {package_id: _verdict(package_id, batch, locked) for package_id in parameters}


def _verdict(package_id: int, batch: Batch, locked: Mapping[int, Any]) -> Verdict:
    if package_id not in locked:
        return Verdict(package_id=package_id, refusal=unknown())
    if package_id in batch.refused:
        return Verdict(package_id=package_id, refusal=batch.refused[package_id])
    state = batch.ended.get(package_id, int(batch.transition.destination))
    return Verdict(package_id=package_id, state=state)


def _named(state: object) -> str:
    row = states.state_json("PackageStatus", state)
    return f"{row['name']} ({row['enum_value']})"


def _in_order(package_ids: Sequence[int], verdicts: Mapping[int, Verdict]) -> list[Verdict]:
    seen: set[int] = set()
    result = []
    for package_id in package_ids:
        if package_id in seen:
            result.append(Verdict(package_id=package_id, refusal=repeated()))
        else:
            result.append(verdicts[package_id])
        seen.add(package_id)
    return result
