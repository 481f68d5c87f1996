"""Views of lists that people keep: a name for the filters, the order and the columns of a list."""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """One person's view of the list at `path`; `query` is what stands behind the question mark."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=200)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "ui"
        constraints = [models.UniqueConstraint(fields=["user", "path", "name"], name="ui_savedview_name")]

    def __str__(self) -> str:
        return self.name
