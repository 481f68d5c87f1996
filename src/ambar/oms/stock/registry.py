"""What stock asks of higher rooms; they fill it in `AppConfig.ready()`."""

from collections.abc import Callable, Collection, Mapping

HolderCheck = Callable[..., Collection[int]]
QuotaCount = Callable[[], Mapping[int, int]]

_holders: dict[str, HolderCheck] = {}
_quota: list[QuotaCount] = []


def register_holder_check(kind: str, living: HolderCheck) -> None:
    """`living(holder_ids, lock=False)`: which of them may hold stock now.

    With `lock` the records behind the holders are locked until the transaction ends, in the global order; rooms register
    in that order (packages before transfers).
    """
    _holders[kind] = living


def register_quota_count(count: QuotaCount) -> None:
    """`count()`: packages that count against each location's quota now, in one statement; locations without are absent."""
    _quota[:] = [count]


def holder_checks() -> dict[str, HolderCheck]:
    """The checks by holder kind, in the order of registration."""
    return dict(_holders)


def counted_quota() -> Mapping[int, int] | None:
    """Packages that count per location; None while nobody counts."""
    return _quota[0]() if _quota else None
