"""Akinon OMS: Update The Package's Invoice."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field, field_validator, model_validator

from ambar.kit import rest
from ambar.kit.refusals import Invalid
from ambar.oms.commands import outside
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command
from ambar.oms.invoices import store as invoices
from ambar.oms.invoices.domain import documents
from ambar.oms.invoices.domain.answers import LONGEST_NUMBER, LONGEST_TYPE
from ambar.oms.invoices.store import GivenInvoice
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import same_state_pairs

_PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
Base64 = Annotated[str, Field(max_length=documents.LONGEST_BASE64)]


class InvoiceParameters(rest.Body):
    """The invoice. `document_content` is base64 of a PDF, PNG, JPEG or XML of at most 5 MiB; `invoice_date` is now when
    left out. Where the transition asks the invoice service, everything may be left out, and the service is asked."""

    invoice_number: (
        Annotated[str, Field(min_length=1, max_length=LONGEST_NUMBER, pattern=_PRINTABLE)] | None
    ) = None
    invoice_date: rest.Moment | None = None
    document_type: Annotated[str, Field(min_length=1, max_length=LONGEST_TYPE, pattern=_PRINTABLE)] | None = (
        None
    )
    document_content: Base64 | None = None
    invoice_url: Annotated[str, Field(min_length=1)] | None = None

    @field_validator("invoice_number", "document_type")
    @classmethod
    def _not_blank(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("must not be blank")
        return value.strip() if value else value

    @field_validator("document_content")
    @classmethod
    def _a_document(cls, value: str | None) -> str | None:
        if value is not None:
            documents.content_type_of(documents.decoded(value))
        return value

    @field_validator("invoice_url")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        return documents.address(value) if value is not None else None

    @model_validator(mode="after")
    def _of_one_invoice(self) -> InvoiceParameters:
        if self.invoice_number is None and self.model_fields_set - {"invoice_number"}:
            raise ValueError("Give invoice_number with what else is known of the invoice.")
        return self


def run(batch: Batch) -> None:
    """The package has the invoice from now on, given or asked for; former ones are kept as replaced. The state stays;
    upstream is told unless `sync_remote_order_status` is false."""
    asked = bool(outside.purposes(batch.transition))
    for package in batch.standing:
        if not asked and not outside.brings_its_own(batch.parameters[package.id]):
            batch.refuse(package.id, Invalid(fields={"invoice_number": ["This field is required."]}))
    given = [invoice for package in batch.standing if (invoice := _invoice(batch, package)) is not None]
    invoices.give(given, user_id=batch.user_id, now=batch.now)
    numbers = {invoice.package_id: invoice.number for invoice in given}
    batch.note(
        attributes=lambda package: {"invoice_number": numbers[package.id]} if package.id in numbers else {}
    )
    sync = batch.transition.parameters.get("sync_remote_order_status", True) is not False
    packages.announce([package.id for package in batch.standing], sync=sync, now=batch.now)


def _invoice(batch: Batch, package: LockedPackage) -> GivenInvoice | None:
    told = cast(InvoiceParameters, batch.parameters[package.id])
    if told.invoice_number is None:
        return None
    content = documents.decoded(told.document_content) if told.document_content else b""
    return GivenInvoice(
        package_id=package.id,
        number=told.invoice_number,
        issued_at=told.invoice_date or batch.now,
        document_type=told.document_type or "",
        url=told.invoice_url or "",
        content=content,
        content_type=documents.content_type_of(content) if content else "",
    )


COMMAND = Command(
    code=outside.UPDATE_INVOICE,
    kind="package",
    title="Update The Package's Invoice",
    pairs=same_state_pairs(
        [
            PackageStatus.PACKED,
            PackageStatus.SHIPPED,
            PackageStatus.READY_FOR_CUSTOMER_PICKUP,
            PackageStatus.ATTEMPTED_DELIVERY,
            PackageStatus.DELIVERY_FAILED,
            PackageStatus.DELIVERED,
            PackageStatus.RETURNED,
        ]
    ),
    parameters=InvoiceParameters,
    run=run,
)
