"""Give the carriers in use a name here."""

from __future__ import annotations

from ambar.oms.doctor.actions.checks.carriers import in_use
from ambar.oms.doctor.actions.remedies import stored_settings
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, already, done
from ambar.oms.doctor.visit import SELLER_KEY, Visit


def map_carriers(visit: Visit, finding: Finding, given: Given) -> Mended:
    """Each is mapped under the name upstream gives it; a person may call it otherwise later."""
    value = stored_settings.read(SELLER_KEY)
    shipping = value.setdefault("shipping", {})
    known = shipping.setdefault("cargo_company_map", {})
    wanted = in_use(visit)
    if shipping.get("default"):
        wanted.setdefault(str(shipping["default"]), str(shipping["default"]))
    added = {code: name for code, name in wanted.items() if code not in known}
    if not added:
        return already("all are mapped", "hepsi eşlenmiş")
    known.update(added)
    listed = ", ".join(sorted(added))
    refused = stored_settings.write(SELLER_KEY, value, now=visit.now)
    return refused or done(f"mapped: {listed}", f"eşlendi: {listed}")
