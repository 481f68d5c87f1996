"""Write OMNITRON_CLIENT_SETTINGS from what a person gives (public set-up page, step 2)."""

from __future__ import annotations

from ambar.oms.doctor.actions.remedies import stored_settings
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, needs
from ambar.oms.doctor.visit import CLIENT_KEY, Visit
from ambar.oms.setup import integration_plan as plans


def write_settings(visit: Visit, finding: Finding, given: Given) -> Mended:
    """All of it, exactly in the shape of the public page."""
    missing = given.lacks(finding.needs)
    if missing:
        return needs(*missing)
    plan = plans.IntegrationPlan(
        oms_url=given.get("oms_url"),
        oms_token="",
        omnitron_url=given.get("omnitron_url"),
        omnitron_username=given.get("omnitron_username"),
        omnitron_password=given.get("omnitron_password"),
        seller_center_url=given.get("seller_center_url"),
        seller_center_token=given.get("seller_center_token"),
        supplier_code="",
    )
    refused = stored_settings.write(CLIENT_KEY, plans.client_settings(plan), now=visit.now)
    return refused or done("OMNITRON_CLIENT_SETTINGS written", "OMNITRON_CLIENT_SETTINGS yazıldı")
