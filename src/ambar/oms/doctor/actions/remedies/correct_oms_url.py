"""Take this OMS's own address from a person."""

from __future__ import annotations

from ambar.oms.doctor.actions.remedies import stored_settings
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, needs
from ambar.oms.doctor.visit import CLIENT_KEY, Visit
from ambar.oms.setup.integration_plan import api_root


def correct_oms_url(visit: Visit, finding: Finding, given: Given) -> Mended:
    """Write it to `urls.oms_url`."""
    if not given.get("oms_url"):
        return needs("oms_url")
    value = stored_settings.read(CLIENT_KEY)
    value["urls"]["oms_url"] = api_root(given.get("oms_url"))
    refused = stored_settings.write(CLIENT_KEY, value, now=visit.now)
    return refused or done(
        f"urls.oms_url is {value['urls']['oms_url']}", f"urls.oms_url artık {value['urls']['oms_url']}"
    )
