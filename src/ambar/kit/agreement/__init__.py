"""Two sides compare what they hold without sending it: digests of sets, coarse first, finer only where they differ.

Knows no record of anybody: a row is a key and a text, a place is a path of names. Source: the reconciliation of the
hand-over (`docs/decisions/0043-reconciliation.md`).
"""

from .descent import Looked, Place, Side, disagreeing
from .digests import EMPTY, NO_FIELDS, Sum, differing, fingerprint, from_wire, sum_of

__all__ = [
    "EMPTY", "NO_FIELDS", "Looked", "Place", "Side", "Sum", "differing", "disagreeing", "fingerprint", "from_wire", "sum_of",
]  # fmt: skip
