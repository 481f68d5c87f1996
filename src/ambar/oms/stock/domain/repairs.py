"""What is wrong with the books and what would mend it. The ledger is right (`docs/decisions/0029-repair.md`)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson

from ambar.kit.refusals import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceDiffers:
    """A balance says something else than its ledger adds up to; mended by setting the balance."""

    location_id: int
    product_id: int
    on_hand: Decimal
    reserved: Decimal
    ledger_on_hand: Decimal
    ledger_reserved: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderGone:
    """A holder that is gone or finished still holds `quantity`; mended by releasing it."""

    holder_kind: str
    holder_id: int
    location_id: int
    product_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaDiffers:
    """A location's used quota is not the count of its packages; mended by setting it to the count."""

    location_id: int
    used: int
    counted: int


Finding = BalanceDiffers | HolderGone | QuotaDiffers
KINDS: dict[type, str] = {BalanceDiffers: "balance", HolderGone: "holder_gone", QuotaDiffers: "quota"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairPlan:
    """All findings; `hash` names exactly this plan."""

    findings: tuple[Finding, ...]

    @property
    def hash(self) -> str:
        """The same findings give the same hash."""
        return sha256(orjson.dumps([described(one) for one in self.findings])).hexdigest()[:32]


class PlanChanged(Conflict):
    """The books are not as they were when this plan was previewed; preview again."""

    code = "plan_changed"


def described(finding: Finding) -> dict[str, Any]:
    """A finding as answered, quantities as texts."""
    values = {name: f"{v:f}" if isinstance(v, Decimal) else v for name, v in asdict(finding).items()}
    renamed = {
        name.removesuffix("_id") if name in ("location_id", "product_id") else name: v
        for name, v in values.items()
    }
    return {"finding": KINDS[type(finding)], **renamed}


def of_kind(findings: Sequence[Finding], kind: type) -> list[Any]:
    """The findings of one kind."""
    return [one for one in findings if isinstance(one, kind)]
