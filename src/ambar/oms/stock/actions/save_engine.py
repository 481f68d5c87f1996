"""Create an inventory engine, change it, delete it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from ambar.kit import vault
from ambar.kit.http import AddressRefused, guard
from ambar.kit.refusals import Conflict, Invalid, NotFound
from ambar.oms.stock.domain.engine_config import EngineConfig, read_config
from ambar.oms.stock.gateways.services import opened
from ambar.oms.stock.models import Engine

MASK = "********"


class EngineInUse(Conflict):
    """Locations point to this engine: give them another first."""

    code = "engine_in_use"


class ReadyMade(Conflict):
    """This engine is part of the system: its name and configuration stay, and it can't be deleted."""

    code = "engine_is_ready_made"


def save_engine(given: Mapping[str, Any], *, engine_id: int | None = None, now: datetime) -> Engine:
    """Store the given fields (name, config, timeout_seconds, max_age_seconds).

    A masked password keeps the stored one, unless the addresses change: then it is asked for again, so that nobody
    can send it elsewhere. Raises `Invalid` naming fields, `NotFound`, `ReadyMade`.
    Source: "Akinon OMS: Inventory Engine".
    """
    with transaction.atomic():
        engine = Engine(created_at=now) if engine_id is None else _locked(engine_id)
        if engine.kind != Engine.HTTP and {"name", "config"} & set(given):
            raise ReadyMade()
        for name in ("name", "timeout_seconds", "max_age_seconds"):
            if name in given:
                setattr(engine, name, given[name])
        if "config" in given:
            config = _checked(given["config"], None if engine_id is None else opened(engine))
            engine.config = config.stored(password=vault.seal(config.password))
        engine.modified_at = now
        try:
            with transaction.atomic():
                engine.save()
        except IntegrityError as error:
            if "name" not in str(error):
                raise
            raise Invalid(fields={"name": ["An engine with this name exists."]}) from None
    return engine


def delete_engine(engine_id: int) -> None:
    """Delete it. Raises `NotFound`, `ReadyMade`, `EngineInUse` naming the locations that point to it."""
    with transaction.atomic():
        engine = _locked(engine_id)
        if engine.kind != Engine.HTTP:
            raise ReadyMade()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM oms_locations_stocklocation WHERE engine_id = %s ORDER BY id LIMIT 100",
                [engine_id],
            )
            pointing = [row[0] for row in cursor.fetchall()]
        if pointing:
            raise EngineInUse(stock_locations=pointing)
        engine.delete()


def _locked(engine_id: int) -> Engine:
    found = Engine.objects.select_for_update().filter(pk=engine_id).first()
    if found is None:
        raise NotFound("Not found.")
    return found


def _checked(given: Any, before: EngineConfig | None) -> EngineConfig:
    config = read_config(given)
    if config.password == MASK:
        if before is None or before.auth != config.auth:
            raise Invalid(fields={"config": ["auth.password: Give the password."]})
        if (before.url, before.auth_url) != (config.url, config.auth_url):
            raise Invalid(fields={"config": ["auth.password: Give it again when an address changes."]})
        config = replace(config, password=before.password)
    for field, url in (("service.url", config.url), ("auth.url", config.auth_url)):
        if url:
            try:
                guard.check(url)
            except AddressRefused as refused:
                raise Invalid(fields={"config": [f"{field}: {refused.message}"]}) from None
    return config
