"""The settings row of the connection to the commerce hub."""

from django.db import models


class Connection(models.Model):
    """One row (id 1). Secrets are sealed by the vault; `None` means not set."""

    id = models.SmallIntegerField(primary_key=True)
    base_url = models.CharField(max_length=500)
    username = models.CharField(max_length=150, blank=True)
    password_sealed = models.TextField(null=True)
    token_sealed = models.TextField(null=True)
    hook_secret_sealed = models.TextField(null=True)
    channel_id = models.BigIntegerField(null=True)
    catalog_id = models.BigIntegerField(null=True)
    failed_cancellation_reason_id = models.BigIntegerField(null=True)
    read_ms = models.PositiveIntegerField(default=6000)
    connect_ms = models.PositiveIntegerField(default=6000)
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="sc_omnitron_link_one_row")]
