"""Room of the hand-over."""

from django.apps import AppConfig


class HandoverConfig(AppConfig):
    """Reconciliation and the closing statement."""

    name = "ambar.oms.handover"
    label = "oms_handover"
    verbose_name = "Hand-over"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.oms.handover import jobs
        from ambar.oms.handover.telling import tell_changed
        from ambar.oms.packages import registry

        jobs.register()
        registry.on_change_within_a_state(tell_changed)
