"""Room of states and transitions."""

from django.apps import AppConfig


class StatesConfig(AppConfig):
    """Akinon OMS: Settings > State Transitions."""

    name = "ambar.oms.states"
    label = "oms_states"
    verbose_name = "States"
    default_auto_field = "django.db.models.BigAutoField"
