"""Room of states and transitions."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StatesConfig(AppConfig):
    """Akinon OMS: Settings > State Transitions."""

    name = "ambar.oms.states"
    label = "oms_states"
    verbose_name = "States"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.oms.states.store import plant_after_migrate

        post_migrate.connect(plant_after_migrate, sender=self, dispatch_uid="oms_states_seed")
