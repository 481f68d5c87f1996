"""Named points at which a test makes the process die, as a `kill -9` would.

Armed by the environment variable `AMBAR_FAILPOINT`: a name, or `name@7` for the seventh time it is reached. Unset, a point
costs one comparison.
"""

from __future__ import annotations

import itertools
import os

POINTS = {
    "command_before_commit": "a call with an idempotency key has acted and kept its answer; nothing is committed",
    "after_commit_before_reply": "a call that changes something is committed; the caller hears nothing of it",
    "intake_after_page": "a page of orders is taken; how far the stream was read is not",
    "plan_before_commit": "a batch is planned and written; nothing is committed",
    "plan_after_commit": "a batch is planned and committed; nobody has looked again at what came up short",
    "after_claim": "deliveries are leased; none is sent",
    "after_post_before_ack": "the other side has an event; that it has is not written",
    "after_ack": "answers are written; the engine has not let go of them",
    "inbox_after_store": "an event is stored; its sender hears nothing of it",
    "inbox_after_apply": "events are applied; they are not marked",
    "inbox_before_commit": "events are applied and marked; nothing is committed",
    "statuses_after_send": "upstream has the statuses; that it has is not written",
    "forward_after_send": "the hub has the changed items; that it has is not written",
}
"""Name → what has happened there and what has not."""

ARMED, _, _turn = os.environ.get("AMBAR_FAILPOINT", "").partition("@")
_reached = itertools.count(1)


def reach(name: str) -> None:
    """Ends the process at once, without any clean-up, when this point is armed and its turn has come."""
    if name == ARMED and next(_reached) == int(_turn or 1):
        os._exit(137)
