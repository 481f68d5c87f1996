"""Sending a delivery again: the same bytes under the same uuid."""

from __future__ import annotations

from django.db import connection, transaction

from ambar.kit import work
from ambar.kit.outbox.events import ATTEMPTS, WAKE
from ambar.kit.outbox.models import Delivery, DeliveryState
from ambar.kit.refusals import Conflict

STILL_RETRYING_BELOW = 11


class EventAlreadyDelivered(Conflict):
    """Event already delivered"""

    code = "event_100_3"


class EventStillInProgress(Conflict):
    """Event is still in retry process"""

    code = "event_100_6"


_AGAIN = """
update outbox_delivery set state = 0, attempt_limit = attempts + %s, due_at = statement_timestamp()
where leased_by is null and (id = %s
  or (hook_id = %s and kind = %s and aggregate_id = %s and state = 2))
"""


def retry_delivery(delivery_id: int, *, force: bool) -> Delivery:
    """Makes an undelivered delivery due now; the rest of its parked lane follows in order.

    :raises EventAlreadyDelivered: nothing to do.
    :raises EventStillInProgress: fewer than eleven tries so far, and not forced.
    """
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
        if delivery.state == DeliveryState.DELIVERED:
            raise EventAlreadyDelivered()
        waiting = delivery.state == DeliveryState.PENDING and delivery.attempts < STILL_RETRYING_BELOW
        if waiting and not force:
            raise EventStillInProgress()
        lane = [delivery.hook_id, delivery.kind, delivery.aggregate_id]
        with connection.cursor() as cursor:
            cursor.execute(_AGAIN, [ATTEMPTS, delivery_id, *lane])
        work.wake(WAKE)
    delivery.refresh_from_db()
    return delivery
