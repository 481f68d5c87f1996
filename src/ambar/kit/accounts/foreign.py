"""Whoever is bound to a seller or to locations and reaches for a record of another."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from ambar.kit import accounts

from .principal import Principal


def note_foreign(principal: Principal, everything: QuerySet[Any], pk: int) -> None:
    """Notes that a bound caller reached for a row of `everything` that is not theirs; the answer stays "not found".

    Called where a row was not found among the caller's own. Nothing is written for a row that does not exist.
    """
    if principal.bounds and abs(pk) < 2**63 and everything.filter(pk=pk).exists():
        accounts.audit(principal, "foreign_id_refused", everything.model._meta.model_name or "", pk)
