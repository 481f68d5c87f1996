"""Background entry points of setup."""

from ambar.kit import clock, work
from ambar.oms.app_settings import queries as settings_queries
from ambar.oms.omnitron_client.gateways import client as upstream_client
from ambar.oms.setup.actions import run_step


@work.job(run_step.JOB)
def setup_step(step: str, number: int) -> None:
    """One run of a Basic Setup step, with the settings as they are now: they may have been written a moment ago."""
    settings_queries.forget()
    run_step.run(step, number, upstream_client.current, now=clock.now)
