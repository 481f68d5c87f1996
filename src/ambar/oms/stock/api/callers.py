"""What a caller may see and touch here."""

from typing import Any

from django.http import HttpRequest

from ambar.kit.refusals import Forbidden


def own(request: HttpRequest) -> frozenset[int] | None:
    """The locations the caller is bound to; None = all."""
    bounds: dict[str, Any] = request.principal.bounds  # type: ignore[attr-defined]
    return frozenset(bounds["location_ids"]) if "location_ids" in bounds else None


def must_be_unbound(request: HttpRequest) -> None:
    """For what concerns all locations. Raises `Forbidden`."""
    if own(request) is not None:
        raise Forbidden("This concerns all locations; you are bound to some.")
