"""Quota: how many packages a location may have in work at once."""

from collections.abc import Iterable

from ambar.kit.refusals import Conflict


class QuotaExceeded(Conflict):
    """A guarded location has no quota left.

    `location_ids` names them. Source: "Akinon OMS: Capacity Feature".
    """

    code = "quota_exceeded"

    def __init__(self, location_ids: Iterable[int]) -> None:
        self.location_ids = sorted(location_ids)
        super().__init__(
            f"No packaging quota left at location {', '.join(map(str, self.location_ids))}.",
            location_ids=self.location_ids,
        )


def fits(*, used: int, change: int, max_quota: int | None) -> bool:
    """Whether `change` more packages fit; a location without `max_quota` has none to give."""
    return max_quota is not None and used + change <= max_quota
