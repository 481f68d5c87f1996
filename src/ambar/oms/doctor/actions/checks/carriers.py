"""Step 4: the cargo companies in use have a name here."""

from __future__ import annotations

from typing import Any

from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit


def check(visit: Visit) -> list[Finding]:
    """One finding about the map, one about the default."""
    shipping = (visit.seller or {}).get("shipping") or {}
    known: dict[str, str] = dict(shipping.get("cargo_company_map") or {})
    if not known:
        return [_found("shipping", "shipping_any")]
    used = in_use(visit)
    unmapped = sorted(code for code in used if code not in known)
    default = shipping.get("default")
    found = []
    if unmapped:
        found.append(_found("shipping", "shipping_unmapped", "map_carriers", companies=", ".join(unmapped)))
    else:
        found.append(_found("shipping", "shipping_mapped", companies=", ".join(sorted(used or known))))
    if default is not None and default not in known:
        found.append(_found("shipping.default", "shipping_default", "map_carriers", company=default))
    return found


def in_use(visit: Visit) -> dict[str, str]:
    """Code -> name of the carriers the Seller Center uses: those of its delivery settings and of the newest orders."""
    told = visit.seller_center() if visit.settings else None
    found = {str(code): str(code) for code in (told or {}).get("shipping_companies") or ()}
    for row in visit.offered() or ():
        code, name = _company(row.get("cargo_company") if isinstance(row, dict) else None)
        if code:
            found[code] = name
    return found


def _company(value: Any) -> tuple[str, str]:
    if isinstance(value, dict):
        code = str(value.get("shipping_company") or "")
        return code, str(value.get("name") or code)
    return (value, value) if isinstance(value, str) else ("", "")


def _found(name: str, code: str, remedy: str = "", **figures: object) -> Finding:
    return Finding(step=4, name=name, code=code, figures=figures, remedy=remedy)
