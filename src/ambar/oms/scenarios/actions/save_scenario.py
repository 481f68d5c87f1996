"""Create a scenario of either kind, or change it; what stands afterwards is kept as a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.kit import clock
from ambar.kit.refusals import Conflict
from ambar.oms.orders import store as orders
from ambar.oms.scenarios import store
from ambar.oms.scenarios.kinds import COLUMNS, DISTRIBUTION, TRANSFER, Draft, Kind
from ambar.oms.scenarios.models import DistributionScenario, ScenarioVersion, TransferScenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Who changes and why. `expected_version`: the version the editor saw; None changes whatever stands."""

    author: str = ""
    note: str = ""
    expected_version: int | None = None


BY_ITSELF = Edit()


def save_scenario(
    given: Mapping[str, Any], *, scenario_id: int | None = None, now: datetime, edit: Edit = BY_ITSELF
) -> DistributionScenario:
    """Store a distribution scenario. `given` holds the fields to set; for a change, those not given stay, `rules` as a
    whole.

    Orders that were held for want of a matching scenario are planned again. Raises `Invalid` naming the fields,
    `NotFound`, `Conflict` when somebody else saved after `edit.expected_version`.
    Source: "Akinon OMS: How to create or edit distribution scenarios".
    """
    saved: DistributionScenario = save(DISTRIBUTION, given, scenario_id=scenario_id, now=now, edit=edit)
    return saved


def save_transfer_scenario(
    given: Mapping[str, Any], *, scenario_id: int | None = None, now: datetime, edit: Edit = BY_ITSELF
) -> TransferScenario:
    """Store a transfer scenario; as `save_scenario`. Source: "Akinon OMS: How to create or edit transfer scenarios"."""
    saved: TransferScenario = save(TRANSFER, given, scenario_id=scenario_id, now=now, edit=edit)
    return saved


def save(
    kind: Kind,
    given: Mapping[str, Any],
    *,
    scenario_id: int | None = None,
    now: datetime,
    edit: Edit = BY_ITSELF,
    act: str | None = None,
) -> Any:
    """As `save_scenario`, of either kind. `act` names the version; None takes it from what changed."""
    with transaction.atomic():
        scenario = kind.model(created_at=now) if scenario_id is None else store.lock(kind, scenario_id)
        refuse_overtaken(kind, scenario, edit.expected_version)
        return write(kind, scenario, given, now=now, edit=edit, act=act)


def write(
    kind: Kind, scenario: Any, given: Mapping[str, Any], *, now: datetime, edit: Edit, act: str | None = None
) -> Any:
    """Set `given` on a locked or new scenario and keep the version. Nothing is written when nothing differs."""
    before = kind.draft_of(scenario)
    draft = {**before, **given}
    if dict(given) != {"is_active": False}:
        kind.check(draft)
    old, new = kind.body_of(before), kind.body_of(draft)
    is_new = scenario.pk is None
    if not is_new and old == new:
        return scenario
    if not is_new and scenario.version == 0:
        keep_what_stood(kind, scenario, old)
    for name in kind.fields:
        setattr(scenario, COLUMNS.get(name, name), draft[name])
    if scenario.is_active and scenario.activated_at is None:
        scenario.activated_at = now
    scenario.modified_at = now
    scenario.version += 1
    store.save(kind, scenario, draft["rules"] if is_new or old["rules"] != new["rules"] else None)
    store.keep_version(
        kind,
        scenario,
        act=act or _act(is_new, old, new),
        body=new,
        author=edit.author,
        note=edit.note,
        at=now,
    )
    if scenario.is_active and kind is DISTRIBUTION:
        orders.mark_new(store.orders_without_scenario(), now)
    return scenario


def keep_what_stood(kind: Kind, scenario: Any, body: Draft) -> None:
    """A scenario older than the versions: what stood until now becomes its first."""
    scenario.version = 1
    store.keep_version(kind, scenario, act="found", body=body, author="", note="", at=scenario.modified_at)


def _act(is_new: bool, old: Draft, new: Draft) -> str:
    if is_new:
        return "created"
    if old["is_active"] != new["is_active"]:
        return "activated" if new["is_active"] else "deactivated"
    return "changed"


def refuse_overtaken(kind: Kind, scenario: Any, expected: int | None) -> None:
    """Raises `Conflict` with who saved what stands now and when, unless it is the version the editor saw."""
    if expected is None or scenario.version == expected:
        return
    last = ScenarioVersion.objects.filter(
        kind=kind.name, scenario_id=scenario.pk, number=scenario.version
    ).first()
    raise overtaken(
        expected, version=scenario.version, author=last.author if last else "", at=scenario.modified_at
    )


def overtaken(expected: int, *, version: int, author: str, at: datetime) -> Conflict:
    """The refusal of a change of what somebody else saved meanwhile: what stands now, by whom, since when."""
    return Conflict(
        f"Version {expected} is no longer what stands: version {version} was saved"
        f"{f' by {author}' if author else ''} at {clock.iso(at)}. Read it and change it again.",
        code="changed_meanwhile",
        version=version,
        author=author,
        date=clock.iso(at),
    )
