"""Doctor room."""

from django.apps import AppConfig


class DoctorConfig(AppConfig):
    name = "ambar.oms.doctor"
    label = "oms_doctor"
    verbose_name = "Doctor"
