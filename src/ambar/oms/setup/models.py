"""How the last run of each Basic Setup step went."""

from django.db import models

STATES = ("READY", "WORKING", "FINISHED", "FAILED", "ABORTED")


class Run(models.Model):
    """The latest run of a step; `beat_at` moves while it works."""

    step = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=16, default="READY")
    number = models.IntegerField(default=0)
    total = models.IntegerField(null=True)
    done = models.IntegerField(default=0)
    detail = models.JSONField(default=dict)
    error = models.TextField(default="")
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "oms_setup"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["READY", "WORKING", "FINISHED", "FAILED", "ABORTED"]),
                name="oms_setup_run_state",
            )
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.state}"
