"""Taking a received event again that was set aside: its cause is mended, and its sender has done its part."""

from __future__ import annotations

from django.db.models.functions import Now

from ambar.kit.outbox.inbox.drain import loops_for
from ambar.kit.outbox.inbox.wakes import soon
from ambar.kit.outbox.models import Inbox, InboxState
from ambar.kit.refusals import Conflict


class EventIsNotSetAside(Conflict):
    """The event is not set aside."""

    code = "inbox_100_1"


def take_again(received: Inbox) -> Inbox:
    """Makes a parked event wait anew, with as many tries as it had at first. A later event of its record may have been applied
    meanwhile: then it is late, and turns nothing back.

    :raises EventIsNotSetAside: it is applied, or waits anyhow.
    """
    changed = Inbox.objects.filter(pk=received.pk, state=InboxState.PARKED).update(
        state=InboxState.WAITING, attempts=0, due_at=Now()
    )
    if not changed:
        raise EventIsNotSetAside()
    soon(loops_for([received.type]))
    received.refresh_from_db()
    return received
