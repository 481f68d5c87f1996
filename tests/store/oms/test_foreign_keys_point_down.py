"""String foreign keys are invisible to import-linter; this test walks the models instead."""

from __future__ import annotations

from django.apps import apps

ORDER = ["app_settings", "omnitron_client", "places", "catalogue", "locations", "stock", "states", "orders", "packages", "transfers",
         "shipments", "invoices", "scenarios", "planning", "commands", "upstream", "handover",
         "hook_events", "setup", "doctor", "console"]  # fmt: skip


def room(model) -> str | None:
    module = model.__module__.split(".")
    return module[2] if module[:2] == ["ambar", "oms"] else None


def test_no_foreign_key_points_to_a_higher_room():
    upward = []
    for model in apps.get_models():
        here = room(model)
        for field in model._meta.get_fields():
            there = (
                room(field.related_model)
                if getattr(field, "many_to_one", False) and field.related_model
                else None
            )
            if here and there and ORDER.index(there) > ORDER.index(here):
                upward.append(f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}")
    assert upward == []


def test_every_room_is_in_the_order():
    rooms = {room(model) for model in apps.get_models()} - {None}
    assert rooms <= set(ORDER)
    assert "packages" in rooms
