"""Send one record as it stands now to one hook."""

from __future__ import annotations

from django.db import transaction

from ambar.kit.outbox import registry
from ambar.kit.outbox.models import Delivery, Hook
from ambar.kit.refusals import Invalid
from ambar.oms.handover.telling import note_published
from ambar.oms.packages.domain import events as packages


def publish_event(hook: Hook, *, model: str, pk: int) -> Delivery:
    """Records an event of the hook's type for this hook alone; the delivery that will carry it.

    :param model: kind of the record, e.g. `package`.
    :raises Invalid: the hook is off, listens to another kind, is narrowed to another channel, or there is no such record.
    """
    if not hook.is_active:
        raise Invalid(fields={"hook": ["This hook is switched off."]})
    kind = registry.kind_of(hook.event_type) if registry.is_known(hook.event_type) else None
    publish = registry.publisher(model)
    if publish is None or model != kind:
        told = f"The hook's {hook.event_type} is about: {kind}."
        raise Invalid(fields={"instance": {"model": [told]}})
    with transaction.atomic():
        last = _last(hook.pk)
        if not publish(pk, hook.event_type, hook.pk):
            raise Invalid(fields={"instance": {"pk": [f"There is no {model} {pk}."]}})
        made = Delivery.objects.filter(hook_id=hook.pk, pk__gt=last).order_by("id").first()
        if made is None:
            told = f"The hook is narrowed to {', '.join(hook.scopes)}."
            raise Invalid(fields={"instance": {"pk": [told]}})
        if model == packages.KIND:
            note_published(pk, hook)
    return made


def _last(hook_id: int) -> int:
    found = Delivery.objects.filter(hook_id=hook_id).order_by("-id").values_list("pk", flat=True).first()
    return found or 0
