"""What the settings screens show, read from the rooms that own it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ambar.kit import accounts
from ambar.kit.refusals import Conflict, NotFound
from ambar.kit.ui.looks import Look
from ambar.oms.app_settings import queries, registry
from ambar.oms.app_settings.models import Setting
from ambar.oms.omnitron_client.gateways import client as upstream_client
from ambar.oms.setup import steps as setup_steps
from ambar.oms.setup.actions import run_step

TITLES = {
    "addresses": gettext_lazy("Addresses"),
    "channels": gettext_lazy("Sales Channels"),
    "stock_locations": gettext_lazy("Retail Stores"),
    "products": gettext_lazy("Products"),
    "stocks": gettext_lazy("Stock"),
    "webhooks": gettext_lazy("Webhooks"),
}
RUNS = {
    "READY": Look(tone="neutral", shape="ring", word=gettext_lazy("Not run yet")),
    "WORKING": Look(tone="progress", shape="half", word=gettext_lazy("Working")),
    "FINISHED": Look(tone="good", shape="check", word=pgettext_lazy("state", "Finished")),
    "FAILED": Look(tone="bad", shape="cross", word=gettext_lazy("Failed")),
    "ABORTED": Look(tone="warn", shape="stop", word=gettext_lazy("Aborted")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A setting as people may see it; `text` empty: not set."""

    key: str
    text: str
    modified_at: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationStep:
    """A step of Basic Setup. `length` is the progress bar's, of 300."""

    name: str
    title: Any
    look: Look
    error: str
    done: int
    total: int | None
    length: int
    finished_at: datetime | None


def settings() -> list[Shown]:
    """Every known key with its masked value."""
    rows = {row.key: row for row in Setting.objects.order_by("key")}
    keys = sorted({*rows, *registry.known()})
    return [
        Shown(
            key=key,
            text=json.dumps(queries.shown(rows[key])["json_value"], ensure_ascii=False, indent=2)
            if key in rows
            else "",
            modified_at=rows[key].modified_at if key in rows else None,
        )
        for key in keys
    ]


def steps(*, now: datetime) -> list[InstallationStep]:
    """The steps of Basic Setup in their order, each with how its latest run went."""
    return [_step(name, run_step.shown(name, now=now)) for name in setup_steps.steps()]


def _step(name: str, run: Any) -> InstallationStep:
    share = min(1.0, run.done / run.total) if run.total else 0.0
    return InstallationStep(
        name=name,
        title=TITLES.get(name, name),
        look=RUNS[run.state],
        error=run.error,
        done=run.done,
        total=run.total,
        length=round(300 * share),
        finished_at=run.finished_at,
    )


def run(step: str, principal: Any, *, now: datetime) -> None:
    """Start a step in the background. Refused: `NotFound` (no such step), `Conflict` (running, or nothing configured)."""
    if step not in setup_steps.steps():
        raise NotFound()
    try:
        upstream_client.current()
    except upstream_client.NotConfigured:
        raise Conflict(_("Set OMNITRON_CLIENT_SETTINGS first.")) from None
    row = run_step.start(step, now=now)
    accounts.audit(principal, "setup.executed", "setup_step", row.pk, {"step": step})
