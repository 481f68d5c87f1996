"""Tell the Seller Center the secret of the package hooks, with its owner's token."""

from __future__ import annotations

from ambar.kit.outbox.models import Hook
from ambar.oms.doctor.actions.checks import package_hooks
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, failed, needs
from ambar.oms.doctor.gateways.marketplace import change_seller
from ambar.oms.doctor.visit import Visit


def give_secret(visit: Visit, finding: Finding, given: Given) -> Mended:
    """PATCH the seller's `hook_secret` to the one configured here, else to the hooks' own."""
    if not given.get("seller_center_admin_token"):
        return needs("seller_center_admin_token")
    known = [given.get("hook_secret"), *package_hooks.candidates(visit, Hook(pk=0))]
    secret = next((one for one in known if one), "")
    if not secret:
        return needs("hook_secret")
    answer = change_seller(visit, given.get("seller_center_admin_token"), {"hook_secret": secret})
    if not answer.good:
        return failed(
            f"the Seller Center answered {answer.status} to the new secret",
            f"Seller Center yeni sırra {answer.status} yanıtladı",
        )
    return done("the Seller Center knows the secret now", "Seller Center artık sırrı biliyor")
