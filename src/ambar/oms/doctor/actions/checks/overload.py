"""Step 4: nobody was sent away because too many came at once."""

from __future__ import annotations

from ambar.kit.rest import shed
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit


def check(visit: Visit) -> list[Finding]:
    """One finding about the last hour."""
    requests = shed.lately(now=visit.now)
    code = "overload_sheds" if requests else "overload_none"
    return [Finding(step=4, name="overload", code=code, figures={"requests": requests})]
