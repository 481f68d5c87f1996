"""One row per application setting; secrets inside the value are sealed."""

from django.db import models


class Setting(models.Model):
    """A configured value (Akinon OMS: Application Settings). `value` holds sealed secrets, never clear ones."""

    key = models.CharField(max_length=128, unique=True)
    value = models.JSONField()
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        app_label = "oms_app_settings"

    def __str__(self) -> str:
        return self.key
