"""Tell the Seller Center that an OMS works for the seller, with its owner's token."""

from __future__ import annotations

from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, failed, needs
from ambar.oms.doctor.gateways.marketplace import change_seller
from ambar.oms.doctor.visit import Visit


def manage_seller(visit: Visit, finding: Finding, given: Given) -> Mended:
    """PATCH the seller's `oms_managed`."""
    if not given.get("seller_center_admin_token"):
        return needs("seller_center_admin_token")
    answer = change_seller(visit, given.get("seller_center_admin_token"), {"oms_managed": True})
    if not answer.good:
        return failed(
            f"the Seller Center answered {answer.status}", f"Seller Center {answer.status} yanıtladı"
        )
    return done("the Seller Center knows of this OMS now", "Seller Center artık bu OMS'i biliyor")
