"""The kinds of records that commands run on, and what differs between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ambar.oms.commands.batch import Batch, CommandBatch
from ambar.oms.packages import store as packages
from ambar.oms.packages.models import Package


def nobody_else(batch: Any, location_ids: Sequence[int] | None) -> None:
    """Whoever sees the record may run its commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`name` as on the wire ("package"); `enum_class` of its states.

    `lock(ids, location_ids=)` locks the records the caller may reach; `refuse_others(batch, location_ids)` refuses what
    somebody else has to do; `foreign(ids, location_ids)` are the ids of records that exist but lie elsewhere.
    """

    name: str
    enum_class: str
    lock: Callable[..., Mapping[int, Any]]
    batch: type[CommandBatch[Any]]
    foreign: Callable[[Sequence[int], Sequence[int]], list[int]]
    refuse_others: Callable[[Any, Sequence[int] | None], None] = nobody_else


def _foreign(package_ids: Sequence[int], location_ids: Sequence[int]) -> list[int]:
    rows = Package.objects.filter(pk__in=package_ids).exclude(location_id__in=location_ids)
    return list(rows.order_by("pk").values_list("pk", flat=True))


PACKAGES = Kind(name="package", enum_class="PackageStatus", lock=packages.lock, batch=Batch, foreign=_foreign)
