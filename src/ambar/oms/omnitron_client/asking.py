"""Asking upstream on behalf of somebody who waits for the answer: what goes wrong is a refusal with a code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ambar.kit.refusals import Conflict
from ambar.oms.omnitron_client.gateways import client


class NotConfigured(Conflict):
    """OMNITRON_CLIENT_SETTINGS must be set first."""

    code = "setup_100_2"


class UpstreamSilent(Conflict):
    """The system upstream did not answer as it should."""

    code = "setup_100_3"


@contextmanager
def upstream() -> Iterator[client.Client]:
    """The client of the stored settings. Raises `NotConfigured`, and `UpstreamSilent` where a call fails."""
    try:
        yield client.current()
    except client.NotConfigured:
        raise NotConfigured() from None
    except client.UpstreamFailed as failure:
        raise UpstreamSilent(str(failure)) from None
