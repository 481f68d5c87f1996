"""Everything the doctor may say, in English and Turkish, by the code of the finding."""

from __future__ import annotations

from ambar.oms.doctor.domain import finding
from ambar.oms.doctor.domain.finding import Finding, Text
from ambar.oms.doctor.domain.texts import (
    agreement,
    endpoints,
    omnitron_hooks,
    order_flow,
    package_hooks,
    walk,
)

TEXTS: dict[str, Text] = {
    **omnitron_hooks.TEXTS,
    **endpoints.TEXTS,
    **package_hooks.TEXTS,
    **order_flow.TEXTS,
    **agreement.TEXTS,
    **walk.TEXTS,
}


def ok(found: Finding) -> bool:
    """Whether the finding lets the examination pass."""
    return TEXTS[found.code].verdict != "broken"


def known(found: Finding) -> bool:
    """Whether the outcome could be told from here."""
    return TEXTS[found.code].verdict != "unknown"


def said(found: Finding, language: str) -> tuple[str, str, str]:
    """What, why and fix; `language` en or tr."""
    return finding.said(TEXTS[found.code], found, language)
