"""Named points at which a test makes the process die, as a `kill -9` would.

Armed by the environment variable `AMBAR_FAILPOINT`; unset, a point costs one comparison.
"""

from __future__ import annotations

import os

ARMED = os.environ.get("AMBAR_FAILPOINT", "")

POINTS = (
    "after_claim",
    "after_post_before_ack",
    "after_ack",
    "inbox_after_store",
    "inbox_after_apply",
    "inbox_before_commit",
)


def reach(name: str) -> None:
    """Ends the process at once, without any clean-up, when this point is armed."""
    if name == ARMED:
        os._exit(137)
