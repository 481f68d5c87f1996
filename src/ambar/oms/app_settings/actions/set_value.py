"""Create or change an application setting (Akinon OMS: Application Settings)."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from pydantic import ValidationError

from ambar.kit import vault
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.app_settings import queries, registry
from ambar.oms.app_settings.domain import secrets
from ambar.oms.app_settings.models import Setting


def create(key: str, value: Any, *, now: datetime) -> Setting:
    """A new setting. Refused (`Invalid`): unknown key, key already set, a value that does not fit the key's schema."""
    declared = _declared(key)
    checked = _checked(declared, value)
    try:
        with transaction.atomic():
            row = Setting.objects.create(
                key=key,
                value=secrets.sealed(checked, declared.secrets, vault.seal),
                created_at=now,
                modified_at=now,
            )
    except IntegrityError:
        raise Invalid(fields={"key": [f"{key} is already set; change it with PUT."]}) from None
    queries.forget()
    return row


def change(setting_id: int, value: Any, *, key: str | None, now: datetime) -> Setting:
    """A new value for a setting; a secret sent back masked keeps the stored one. The key itself can't change."""
    with transaction.atomic():
        row = Setting.objects.select_for_update().filter(pk=setting_id).first()
        if row is None:
            raise NotFound()
        if key is not None and key != row.key:
            raise Invalid(fields={"key": [f"The key can't be changed (it is {row.key})."]})
        declared = _declared(row.key)
        whole = secrets.restored(value, queries.clear(row), declared.secrets, vault.mask)
        row.value = secrets.sealed(_checked(declared, whole), declared.secrets, vault.seal)
        row.modified_at = now
        row.save(update_fields=["value", "modified_at"])
    queries.forget()
    return row


def put(key: str, value: Any, *, now: datetime) -> Setting:
    """Create the setting or change the one that is there."""
    row = Setting.objects.filter(key=key).first()
    return create(key, value, now=now) if row is None else change(row.pk, value, key=key, now=now)


def _declared(key: str) -> registry.SettingKey:
    declared = registry.get(key)
    if declared is None:
        raise Invalid(
            fields={"key": [f'"{key}" is not a known key. Known: {", ".join(sorted(registry.known()))}.']}
        )
    return declared


def _checked(declared: registry.SettingKey, value: Any) -> Any:
    try:
        model = declared.schema.model_validate(value)
    except ValidationError as error:
        raise Invalid(fields={"json_value": _messages(error)}) from None
    if declared.check is not None:
        declared.check(model)
    return model.model_dump(mode="json", exclude_unset=True)


def _messages(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(str(part) for part in problem['loc']) or 'value'}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    ]
