"""What the doctor remembers: examinations, what is open, and Omnitron's hooks that were seen off."""

from django.db import models


class Examination(models.Model):
    """One examination, or several alike of the watch in a row (`repeats` more, the last `finished_at`).

    `findings` as they were found; `appeared` and `mended` are the names that changed since the one before.
    """

    asked_by = models.CharField(max_length=16)
    steps = models.JSONField(default=list)
    ok = models.BooleanField()
    findings = models.JSONField(default=list)
    appeared = models.JSONField(default=list)
    mended = models.JSONField(default=list)
    repeats = models.IntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()

    class Meta:
        app_label = "oms_doctor"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(asked_by__in=["asked", "watch", "mending", "walk"]),
                name="oms_doctor_examination_asked_by",
            )
        ]

    def __str__(self) -> str:
        return f"{self.asked_by} {self.finished_at}: {'well' if self.ok else 'ill'}"


class OpenFinding(models.Model):
    """Something wrong that was not seen mended yet."""

    name = models.CharField(max_length=200, unique=True)
    step = models.SmallIntegerField()
    code = models.CharField(max_length=64)
    figures = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        app_label = "oms_doctor"

    def __str__(self) -> str:
        return self.name


class SeenOff(models.Model):
    """A hook of Omnitron's that points here and was seen off: on again, it came back."""

    hook_id = models.BigIntegerField(unique=True)
    event_type = models.CharField(max_length=124)
    target_url = models.CharField(max_length=255)
    seen_at = models.DateTimeField()

    class Meta:
        app_label = "oms_doctor"

    def __str__(self) -> str:
        return f"{self.event_type} -> {self.target_url}"


class FormerSellerCenter(models.Model):
    """A Seller Center that orders came from before, by the root its package receivers are under, and what came of it.

    left: no hook leads there or from there any more; dismissed: a person decided to leave it as it is.
    """

    LEFT, DISMISSED = "left", "dismissed"

    root = models.CharField(max_length=255, unique=True)
    outcome = models.CharField(max_length=9)
    at = models.DateTimeField()

    class Meta:
        app_label = "oms_doctor"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["left", "dismissed"]),
                name="oms_doctor_former_seller_center_outcome",
            )
        ]

    def __str__(self) -> str:
        return f"{self.root}: {self.outcome}"
