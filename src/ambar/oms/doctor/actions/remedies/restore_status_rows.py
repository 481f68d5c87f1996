"""Write default rows back where the status map is not sound."""

from __future__ import annotations

from ambar.oms.doctor.actions.remedies import stored_settings
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, failed
from ambar.oms.doctor.visit import SELLER_KEY, Visit
from ambar.oms.upstream.domain import statuses


def restore_status_rows(visit: Visit, finding: Finding, given: Given) -> Mended:
    """The row of the finding's state; a state the default does not map is a person's to decide."""
    state = int(str(finding.figures["state"]))
    code = statuses.DEFAULT_MAP.get(state)
    if code is None:
        return failed(f"the default map has no row for {state}", f"varsayılan eşlemede {state} satırı yok")
    value = stored_settings.read(SELLER_KEY)
    value["status_map"] = {**(value.get("status_map") or {}), str(state): str(code)}
    refused = stored_settings.write(SELLER_KEY, value, now=visit.now)
    return refused or done(f"status_map: {state} says {code}", f"status_map: {state} artık {code} diyor")
