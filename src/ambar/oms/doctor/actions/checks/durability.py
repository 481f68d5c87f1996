"""Step 4: what is committed is on disk."""

from __future__ import annotations

import psycopg

from ambar.kit import durability
from ambar.kit.work.worker import database_settings
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit


def check(visit: Visit) -> list[Finding]:
    """One finding, from a session that begins now: settings of a role or a database hold for new sessions only."""
    with psycopg.connect(**database_settings(), autocommit=True) as session:  # type: ignore[arg-type]
        found = durability.weak(session)
    code = "durability_off" if found else "durability_on"
    return [Finding(step=4, name="durability", code=code, figures={"settings": durability.said(found)})]
