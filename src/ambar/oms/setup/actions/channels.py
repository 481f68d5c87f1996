"""Basic Setup, Sales Channels: copy Omnitron's channels (Akinon OMS: Basic Setup)."""

from __future__ import annotations

from typing import Any

from ambar.oms.catalogue import store as catalogue
from ambar.oms.catalogue.models import Channel
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.setup.steps import Needed, Progress, Step


def is_required(client: Client) -> Needed:
    """True when Omnitron has more channels than were copied."""
    here = Channel.objects.filter(source=client.source("channels")).count()
    upstream = client.count("channels")
    return Needed(is_required=here < upstream, detail={"here": here, "upstream": upstream})


def run(client: Client, progress: Progress) -> dict[str, Any]:
    """Copy every channel by its id. The Seller Center's static channel comes with the first order instead."""
    source = client.source("channels")
    written, malformed = 0, []
    for page in client.pages("channels", {"sort": "id"}):
        for row in page:
            pk, name = row.get("pk", row.get("id")), row.get("name")
            if not isinstance(pk, int) or not isinstance(name, str):
                malformed.append(row)
                continue
            catalogue.ensure_channel(source, pk, name, str(row.get("channel_type") or ""))
            written += 1
        progress(len(page), None)
    return {"written": written, "malformed": len(malformed)}


STEP = Step(name="channels", path="setup/channels", is_required=is_required, run=run)
