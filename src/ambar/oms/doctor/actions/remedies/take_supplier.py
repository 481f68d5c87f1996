"""Take the supplier code from the Seller Center (public set-up page, step 4), or from a person."""

from __future__ import annotations

from ambar.oms.doctor.actions.checks.supplier import told_code
from ambar.oms.doctor.actions.remedies import stored_settings
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, needs
from ambar.oms.doctor.visit import SELLER_KEY, Visit
from ambar.oms.setup import integration_plan as plans


def take_supplier(visit: Visit, finding: Finding, given: Given) -> Mended:
    """Write it to SELLER_CENTER_SETTINGS; where that is not set yet, the defaults of the set-up stand beside it."""
    code = told_code(visit) or given.get("supplier_code")
    if not code:
        return needs("supplier_code")
    value = stored_settings.read(SELLER_KEY) or {
        "order_filters": list(plans.DEFAULT_FILTERS),
        "status_map": dict(plans.DEFAULT_STATUS_MAP),
        "poll_seconds": 1,
        **({"hook_secret": given.get("hook_secret")} if given.get("hook_secret") else {}),
    }
    value["supplier_code"] = code
    refused = stored_settings.write(SELLER_KEY, value, now=visit.now)
    return refused or done(f"supplier_code is {code}", f"supplier_code artık {code}")
