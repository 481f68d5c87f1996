"""Make the Seller Center's static channel before its first order comes, so that scenarios may name it."""

from __future__ import annotations

from ambar.oms.catalogue import store as catalogue
from ambar.oms.doctor.actions.checks.scenarios import static_channel
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, failed
from ambar.oms.doctor.visit import Visit
from ambar.oms.omnitron_client.domain.routing import source


def make_channel(visit: Visit, finding: Finding, given: Given) -> Mended:
    """The same row the first order would make."""
    channel = static_channel(visit)
    if channel is None or visit.settings is None:
        return failed("the Seller Center does not tell its channel", "Seller Center kanalını söylemiyor")
    name, kind = str(channel.get("name") or ""), str(channel.get("channel_type") or "sales_channel")
    catalogue.ensure_channel(source(visit.settings, "orders"), int(channel["id"]), name, kind)
    return done(f"the channel “{name}” is here now", f"“{name}” kanalı artık burada")
