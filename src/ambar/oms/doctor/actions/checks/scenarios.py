"""Step 4: the scenarios lint clean, and the Seller Center's channel may be named by them."""

from __future__ import annotations

from typing import Any

from ambar.oms.catalogue.models import Channel
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit
from ambar.oms.omnitron_client.domain.routing import source
from ambar.oms.scenarios.actions.lint import lint_scenarios


def check(visit: Visit) -> list[Finding]:
    """The linter's errors (a finding each), and the static channel."""
    linted = lint_scenarios(now=visit.now)["findings"]
    errors = [row for row in linted if row["severity"] == "error"]
    found = [_error(row, errors) for row in errors]
    if not errors:
        found.append(Finding(step=4, name="scenarios", code="scenarios_clean"))
    return found + _channel(visit, any(row["code"] == "unknown_channel" for row in linted))


def _error(row: dict[str, Any], errors: list[dict[str, Any]]) -> Finding:
    subject = [row["kind"], row["code"]]
    subject += [str(row["scenario"])] if row["scenario"] is not None else []
    subject += [str(row["rule_position"])] if row["rule_position"] is not None else []
    figures = {name: row[name] for name in ("cause", "effect", "fix")}
    figures |= {f"{name}_tr": text for name, text in row["tr"].items()}
    return Finding(
        step=4,
        name=f"scenario.{'.'.join(subject)}",
        code="scenario_error",
        figures=figures,
        remedy="start_scenario" if row["code"] == "no_active_scenario" else "",
    )


def static_channel(visit: Visit) -> dict[str, Any] | None:
    """`{id, name, channel_type}` of the channel the Seller Center sends along; None when nothing tells it."""
    told = visit.seller_center()
    if told is not None and isinstance(told.get("channel"), dict):
        return dict(told["channel"])
    for row in visit.offered() or ():
        channel = row.get("channel") if isinstance(row, dict) else None
        if isinstance(channel, dict) and isinstance(channel.get("pk", channel.get("id")), int):
            return {**channel, "id": channel.get("pk", channel.get("id"))}
    return None


def _channel(visit: Visit, is_missed: bool) -> list[Finding]:
    assert visit.settings is not None
    channel = static_channel(visit)
    if channel is None:
        return [Finding(step=4, name="static_channel", code="channel_untold")]
    figures = {"channel": channel.get("name"), "id": channel["id"]}
    here = Channel.objects.filter(source=source(visit.settings, "orders"), upstream_id=channel["id"])
    if here.exists():
        return [Finding(step=4, name="static_channel", code="channel_here", figures=figures)]
    code = "channel_missed" if is_missed else "channel_not_yet"
    return [Finding(step=4, name="static_channel", code=code, figures=figures, remedy="make_channel")]
