"""Tables of invoices, of their documents, and of the conversation with the services that make them."""

from __future__ import annotations

from django.db import models

from ambar.oms.packages.models import Package


class InvoiceCall(models.Model):
    """A question to a service about one package. `key` is sent as Idempotency-Key with every try of the question.

    asking: on its way, nobody else asks before `asked_until`; failed: `failure` says why; answered: the answer waits
    to be used (`answer`, `content`); used: an invoice was made of it. A package has one open call per purpose, so an
    answer that came too late is used by the next try and never asked for twice. `made_number` is our own number.
    """

    package = models.ForeignKey(Package, on_delete=models.PROTECT)
    purpose = models.CharField(max_length=16)
    state = models.CharField(max_length=16)
    key = models.UUIDField(unique=True)
    command_code = models.CharField(max_length=128)
    transition_slug = models.CharField(max_length=128)
    made_number = models.CharField(max_length=128, default="")
    makes_url = models.BooleanField(default=False)
    answer = models.JSONField(default=dict)
    content = models.BinaryField(null=True)
    content_type = models.CharField(max_length=64, default="")
    failure = models.TextField(default="")
    attempts = models.IntegerField(default=0)
    asked_until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["asking", "failed", "answered", "used"], purpose__in=["invoice", "bill"]
                ),
                name="oms_invoices_call_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["answered", "used"]) | models.Q(answered_at__isnull=False),
                name="oms_invoices_call_answered",
            ),
            models.UniqueConstraint(
                fields=["package", "purpose"],
                condition=~models.Q(state="used"),
                name="oms_invoices_call_open_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="oms_invoices_call_state")]


class Invoice(models.Model):
    """An invoice of a package; the current one and those it replaced.

    `source`: given (by command), remote (the invoice service), bill (the bill service), made (number and link are our
    own, nobody was asked). `url` is where it can be seen; `url_is_ours`: the link leads to this system.
    """

    package = models.ForeignKey(Package, on_delete=models.PROTECT, db_index=False)
    number = models.CharField(max_length=128, db_index=True)
    issued_at = models.DateTimeField()
    document_type = models.CharField(max_length=32, default="")
    url = models.CharField(max_length=2048, default="")
    url_is_ours = models.BooleanField(default=False)
    source = models.CharField(max_length=16)
    call = models.OneToOneField(InvoiceCall, null=True, on_delete=models.PROTECT)
    user_id = models.BigIntegerField(null=True)
    is_current = models.BooleanField()
    replaced_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(source__in=["given", "remote", "bill", "made"]),
                name="oms_invoices_invoice_source",
            ),
            models.CheckConstraint(
                condition=models.Q(is_current=True, replaced_at__isnull=True)
                | models.Q(is_current=False, replaced_at__isnull=False),
                name="oms_invoices_invoice_replaced",
            ),
            models.UniqueConstraint(
                fields=["package"], condition=models.Q(is_current=True), name="oms_invoices_one_current"
            ),
        ]
        indexes = [models.Index(fields=["package", "id"], name="oms_invoices_of_package")]


class InvoiceDocument(models.Model):
    """The copy of an invoice's document, as it came."""

    invoice = models.OneToOneField(Invoice, primary_key=True, on_delete=models.PROTECT)
    content = models.BinaryField()
    content_type = models.CharField(max_length=64)
    created_at = models.DateTimeField()
