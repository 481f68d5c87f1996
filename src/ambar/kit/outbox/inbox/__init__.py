"""The receiving side: verify, store once, apply in sequence."""

from ambar.kit.outbox.domain.envelope import Envelope
from ambar.kit.outbox.inbox.drain import InboxRow, Later, drain, loop
from ambar.kit.outbox.inbox.store import keeping, store, store_one
from ambar.kit.outbox.inbox.verify import SignatureRefused, TooLarge, verify

__all__ = [
    "Envelope",
    "InboxRow",
    "Later",
    "SignatureRefused",
    "TooLarge",
    "drain",
    "keeping",
    "loop",
    "store",
    "store_one",
    "verify",
]
