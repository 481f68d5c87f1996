"""Step 4: the Seller Center knows the supplier code, and that an OMS works for it."""

from __future__ import annotations

from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit


def check(visit: Visit) -> list[Finding]:
    """One finding about the code, and others about how the seller stands at the Seller Center."""
    told = visit.seller_center() if visit.settings else None
    if not visit.supplier:
        needs = () if told or _by_orders(visit) else ("supplier_code",)
        return [
            Finding(
                step=4,
                name="supplier_code",
                code="seller_settings_missing",
                remedy="take_supplier",
                needs=needs,
            )
        ]
    found = told_code(visit)
    if found and found != visit.supplier:
        figures = {"supplier": visit.supplier, "found": found}
        return [
            Finding(
                step=4, name="supplier_code", code="supplier_differs", figures=figures, remedy="take_supplier"
            )
        ]
    if not found:
        return [
            Finding(
                step=4, name="supplier_code", code="supplier_untold", figures={"supplier": visit.supplier}
            )
        ]
    figures = {"supplier": visit.supplier, "seller": (told or {}).get("name") or visit.supplier}
    known = Finding(step=4, name="supplier_code", code="supplier_known", figures=figures)
    return [known, *(_standing(visit.supplier, told) if told else [])]


def told_code(visit: Visit) -> str:
    """The supplier code the Seller Center gives our token; empty when it tells none."""
    told = visit.seller_center() if visit.settings else None
    return str(told["supplier_code"]) if told else _by_orders(visit)


def _by_orders(visit: Visit) -> str:
    """The supplier code the offered orders carry; empty when there are none, or several."""
    codes = {str(row.get("supplier_code") or "") for row in visit.offered() or () if isinstance(row, dict)}
    return codes.pop() if len(codes) == 1 else ""


def _standing(supplier: str, told: dict[str, object]) -> list[Finding]:
    found = []
    if told.get("state") != "active":
        figures = {"supplier": supplier, "state": told.get("state")}
        found.append(Finding(step=4, name="supplier_code.state", code="supplier_not_active", figures=figures))
    if told.get("oms_managed") is False:
        found.append(
            Finding(
                step=4,
                name="supplier_code.managed",
                code="supplier_not_managed",
                figures={"supplier": supplier},
                remedy="manage_seller",
                needs=("seller_center_admin_token",),
            )
        )
    return found
