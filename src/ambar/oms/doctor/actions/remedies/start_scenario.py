"""Have a scenario plan orders: the only one there is, or the starter scenario of the set-up."""

from __future__ import annotations

from ambar.kit.refusals import Invalid
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, failed
from ambar.oms.doctor.visit import Visit
from ambar.oms.locations.models import StockLocation
from ambar.oms.scenarios.actions.save_scenario import Edit, save_scenario
from ambar.oms.scenarios.models import DistributionScenario
from ambar.oms.setup.integrate import SELECTORS

NAME = "Nearest location with stock"
BY_DOCTOR = Edit(author="doctor", note="no scenario was active")


def start_scenario(visit: Visit, finding: Finding, given: Given) -> Mended:
    """Activate it, or make it with the first active location as its default."""
    there = list(DistributionScenario.objects.order_by("id"))
    mine = there[0] if len(there) == 1 else next((one for one in there if one.name == NAME), None)
    try:
        if mine is not None:
            save_scenario({"is_active": True}, scenario_id=mine.pk, now=visit.now, edit=BY_DOCTOR)
            return done(f"“{mine.name}” is active now", f"“{mine.name}” artık etkin")
        location = StockLocation.objects.filter(is_active=True).order_by("id").first()
        if location is None:
            return failed(
                "there is no active stock location to be its default: run Basic Setup: Retail Stores",
                "varsayılan olacak etkin lokasyon yok: Temel Kurulum: Mağazalar'ı çalıştırın",
            )
        save_scenario(_starter(location.pk), now=visit.now, edit=BY_DOCTOR)
    except Invalid as refused:
        return failed(refused.message, refused.message)
    return done(f"“{NAME}” made and active", f"“{NAME}” yapıldı ve etkin")


def _starter(location_id: int) -> dict[str, object]:
    rule = {
        "name": "everything, wherever it is",
        "product_mode": "all",
        "product_condition": {},
        "location_condition": {},
        "split_policy": "free",
        "max_packages": None,
        "split_above_amount": None,
        "transferable": False,
        "selectors": SELECTORS,
    }
    return {"name": NAME, "default_location": location_id, "is_active": True, "rules": [rule]}
