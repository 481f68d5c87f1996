"""Whose rows a caller may see: the one place where a seller is kept apart from the others.

Source: `docs/decisions/` (isolation is enforced in the query layer; a foreign id answers like a missing one).
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from ambar.kit import accounts
from ambar.kit.refusals import Invalid, NotFound
from ambar.seller_center.sellers.roles import EVERY_SELLER

Row = TypeVar("Row", bound=Model)


def seller_of(principal: Any) -> int | None:
    """The seller a caller is bound to, or `None` when bound to none."""
    seller_id = principal.bounds.get("seller_id")
    return seller_id if isinstance(seller_id, int) else None


def sees_all(principal: Any) -> bool:
    """Whether the caller sees every seller's rows: needs the scope and no binding."""
    return seller_of(principal) is None and principal.may(EVERY_SELLER)


def visible(queryset: QuerySet[Row], principal: Any, *, column: str = "seller_id") -> QuerySet[Row]:
    """The rows of `queryset` this caller may see; none at all for a caller bound to nobody."""
    if sees_all(principal):
        return queryset
    seller_id = seller_of(principal)
    return queryset.none() if seller_id is None else queryset.filter(**{column: seller_id})


def visible_or_404(queryset: QuerySet[Row], principal: Any, pk: int, *, column: str = "seller_id") -> Row:
    """One row by id; a row of another seller answers exactly like a missing one, and leaves an audit entry.

    Errors: `NotFound`.
    """
    row = visible(queryset, principal, column=column).filter(pk=pk).first() if abs(pk) < 2**63 else None
    if row is None:
        note_foreign(queryset, principal, [pk])
        raise NotFound()
    return row


def note_foreign(queryset: QuerySet[Any], principal: Any, pks: list[int]) -> None:
    """Write an audit entry for each of these ids that exists, but not for this caller."""
    found = queryset.filter(pk__in=[pk for pk in pks if abs(pk) < 2**63]).values_list("pk", flat=True)
    for pk in list(found):
        accounts.audit(principal, "foreign_id_refused", queryset.model.__name__.lower(), pk)


def own_seller_id(principal: Any, wanted: int | None) -> int:
    """The seller a write is for: the caller's own, or for the marketplace owner the one named.

    Errors: `NotFound` when the caller may not act for that seller, `Invalid` when none is named.
    """
    bound = seller_of(principal)
    if bound is None and not sees_all(principal):
        raise NotFound()
    if bound is not None:
        if wanted is not None and wanted != bound:
            raise NotFound()
        return bound
    if wanted is None:
        raise Invalid(fields={"seller": ["This field is required."]})
    return wanted


def hook_scope(principal: Any) -> str | None:
    """What a caller's hooks hear of: the events of its seller, `None` = of all sellers.

    Errors: `NotFound` for a caller bound to nobody.
    """
    if sees_all(principal):
        return None
    seller_id = seller_of(principal)
    if seller_id is None:
        raise NotFound()
    return scope_of(seller_id)


def scope_of(seller_id: int) -> str:
    """What an event of this seller carries."""
    return f"seller:{seller_id}"
