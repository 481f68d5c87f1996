"""What becomes of a parcel: decided by its reference and the seed alone, so that a run can be repeated."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

CREATED, SHIPPING, ATTEMPTED = "CREATED", "SHIPPING", "ATTEMPTED_DELIVERY"
FAILED, DELIVERED, RETURNED, DELETED = "DELIVERY_FAILED", "DELIVERED", "RETURNED", "DELETED"

WORDS = {
    CREATED: "Kayıt alındı",
    SHIPPING: "Şubeden çıktı",
    ATTEMPTED: "Alıcı adreste yok",
    FAILED: "Teslim edilemedi",
    DELIVERED: "Teslim edildi",
    RETURNED: "Göndericiye döndü",
    DELETED: "Gönderici iptal etti",
}

SMOOTH = ((0.0, CREATED), (0.5, SHIPPING), (1.5, DELIVERED))
SLOW = ((0.0, CREATED), (1.0, SHIPPING), (6.0, DELIVERED))
SECOND_TRY = ((0.0, CREATED), (0.5, SHIPPING), (1.5, ATTEMPTED), (2.5, DELIVERED))
BACK = ((0.0, CREATED), (0.5, SHIPPING), (1.5, ATTEMPTED), (2.5, FAILED), (4.0, RETURNED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """`plan` is (days after the order, status); `refusals` how many calls fail before the parcel is taken.

    `garbled`: the history is told with repetitions and not in the order of time. `second_number`: the parcel gets
    another tracking number on its way.
    """

    plan: tuple[tuple[float, str], ...]
    refusals: int
    garbled: bool
    second_number: bool


def fate(reference: str, seed: int) -> Fate:
    """Of ten parcels about six are smooth, two slow, one needs a second try, one comes back."""
    digest = hashlib.sha256(f"{seed}\0{reference}".encode()).digest()
    plan = (SMOOTH, SMOOTH, SMOOTH, SMOOTH, SMOOTH, SMOOTH, SLOW, SLOW, SECOND_TRY, BACK)[digest[0] % 10]
    return Fate(
        plan=plan,
        refusals=1 if digest[1] % 8 == 0 else 0,
        garbled=digest[2] % 3 == 0,
        second_number=digest[3] % 6 == 0,
    )


def tracking_number(reference: str, seed: int, *, which: int = 1) -> str:
    """Thirteen digits."""
    digest = hashlib.sha256(f"{seed}\0{which}\0{reference}".encode()).digest()
    return "725" + f"{int.from_bytes(digest[:6], 'big') % 10**10:010d}"
