"""Making and changing a subscription."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from yarl import URL

from ambar.kit import vault, work
from ambar.kit.accounts import Principal
from ambar.kit.http import AddressRefused, guard
from ambar.kit.masks import Masked, unmasked_address
from ambar.kit.outbox import hook_secrets, registry, rotation
from ambar.kit.outbox.domain.hook_fields import refuse_unknown_keys
from ambar.kit.outbox.models import Delivery, DeliveryState, Hook
from ambar.kit.refusals import Conflict, Invalid


class WebhookAlreadyRegistered(Conflict):
    """Webhook already registered"""

    code = "webhook_100_2"


def create_hook(fields: Mapping[str, Any], *, user_id: int, now: datetime) -> Hook:
    """Stores a new hook of this user.

    :raises Invalid: the address guard refuses the target, or `config` has a key that nobody reads here.
    :raises WebhookAlreadyRegistered: same user, URL and event, also when that one is inactive.
    """
    hook = Hook(user_id=user_id, created_at=now, modified_at=now)
    return _save(hook, fields, now=now)


def change_hook(
    hook_id: int, fields: Mapping[str, Any], *, now: datetime, by: Principal | None = None
) -> Hook:
    """Changes the given fields. A new secret overlaps for a day with the old one, and with those replaced before it
    within that time; a new URL is used by every delivery still to be sent.

    :param by: who asks for it: somebody else than its owner can't send credentials they may not see to another address.
    :raises Invalid: the address guard refuses the target, `config` has a key that nobody reads here, or too many
        replaced secrets sign still.
    :raises WebhookAlreadyRegistered: the change would make it equal to another hook.
    """
    with transaction.atomic():
        hook = Hook.objects.select_for_update().get(pk=hook_id)
        is_strange = by is not None and by.user_id != hook.user_id
        return _save(hook, fields, now=now, keeps_credentials_here=is_strange)


def switch_off(hook_id: int, *, now: datetime) -> None:
    """What DELETE does: the hook stays, inactive; its pending deliveries wait for it."""
    Hook.objects.filter(pk=hook_id).update(is_active=False, modified_at=now)
    work.wake("hooks")


def _save(
    hook: Hook, fields: Mapping[str, Any], *, now: datetime, keeps_credentials_here: bool = False
) -> Hook:
    given = dict(fields)
    is_about_events = not given.keys().isdisjoint(("config", "event_type"))
    if "target_url" in given:
        _check_target(given["target_url"])
        given["target_url"] = _unmasked_target(given["target_url"], hook.target_url)
    if "secret_key" in given:
        rotation.replace_secret(hook, given.pop("secret_key"), now=now)
    stored = hook_secrets.opened(hook.additional_headers, hook.config)
    headers, config = stored
    if "config" in given:
        refuse_unknown_keys(given["config"], known=registry.config_keys(), stored=config)
    headers, config = _unmasked(
        given.pop("additional_headers", headers), headers, given.pop("config", config), config
    )
    if keeps_credentials_here and _leads_elsewhere(given.get("target_url"), hook.target_url):
        _refuse_to_take_along(hook_secrets.credentials(*stored) & hook_secrets.credentials(headers, config))
    hook.scopes = registry.scopes_for(Principal.of(hook.user), config)
    if is_about_events:
        _refuse_what_never_fires(config, given.get("event_type", hook.event_type))
    hook.additional_headers, hook.config = hook_secrets.sealed(headers, config)
    if given.get("is_active") and not hook.is_active:
        hook.disabled_reason = ""
    for name, value in given.items():
        setattr(hook, name, value)
    hook.modified_at = now
    is_new = hook.pk is None
    try:
        with transaction.atomic():
            hook.save()
    except IntegrityError as error:
        if "outbox_hook_once" in str(error):
            raise WebhookAlreadyRegistered() from error
        raise
    if not is_new:
        transaction.on_commit(lambda: _try_again(hook.pk))
    work.wake("hooks")
    return hook


def _try_again(hook_id: int) -> None:
    """What failed under the old address, token or secret is due; parked lanes stay for a person to free.

    After the change is there for all to see: what fails from then on finds out itself (`statements.ACKNOWLEDGE`).
    """
    Delivery.objects.filter(
        hook_id=hook_id, state=DeliveryState.PENDING, leased_by=None, due_at__gt=Now()
    ).update(due_at=Now())
    work.wake("deliveries")


def _refuse_what_never_fires(config: Mapping[str, Any], event_type: str) -> None:
    asked = [name for name in registry.scope_names() if config.get(name) is not None]
    if asked and not registry.is_scoped(event_type):
        raise Invalid(
            fields={
                "config": {
                    name: [f"Events of this type carry no {name}: so narrowed, the hook would never fire."]
                    for name in asked
                }
            }
        )


def _leads_elsewhere(given: str | None, stored: str) -> bool:
    return given is not None and URL(given).origin() != URL(stored).origin()


def _refuse_to_take_along(kept: set[tuple[str, str]]) -> None:
    if kept:
        names = ", ".join(sorted(name for name, _ in kept))
        raise Invalid(
            fields={
                "target_url": [
                    f"Only its owner may send this hook to another address with what is stored of it ({names}): give that anew."
                ]
            }
        )


def _check_target(url: str) -> None:
    try:
        guard.check(url)
    except AddressRefused as refused:
        raise Invalid(fields={"target_url": [str(refused)]}) from refused


def _unmasked_target(url: str, stored: str) -> str:
    """The address as it is meant. What is masked is taken from the stored one where it goes to the same scheme, host and port."""
    own = stored if stored and not _leads_elsewhere(url, stored) else ""
    try:
        found = unmasked_address(url, own)
    except Masked as hidden:
        told = f"The value of {hidden} is masked: write the value itself."
        raise Invalid(fields={"target_url": [told]}) from hidden
    longest = Hook._meta.get_field("target_url").max_length or 0
    if len(found) > longest:
        told = f"Ensure this field has no more than {longest} characters."
        raise Invalid(fields={"target_url": [told]})
    return found


def _unmasked(
    headers: Mapping[str, Any],
    old_headers: Mapping[str, Any],
    config: Mapping[str, Any],
    old_config: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Whoever sends back a masked credential means the stored one."""
    kept = {
        name: old_headers[name]
        if hook_secrets.is_credential(name)
        and name in old_headers
        and value == vault.mask(str(old_headers[name]))
        else value
        for name, value in headers.items()
    }
    settings = dict(config)
    auth, old_auth = settings.get("auth"), old_config.get("auth")
    if isinstance(auth, Mapping) and isinstance(old_auth, Mapping):
        password = str(old_auth.get("password", ""))
        if auth.get("password") == vault.mask(password):
            settings["auth"] = {**auth, "password": password}
    return kept, settings
