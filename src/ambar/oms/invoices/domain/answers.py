"""What an invoice service answers, read strictly (`docs/decisions/0036-invoices.md`).

`{"invoice_number", "invoice_date", "document_type", "document_content" (base64), "invoice_url"}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ambar.kit import clock
from ambar.kit.text import refused_characters
from ambar.oms.invoices.domain import documents

LONGEST_NUMBER = 128
LONGEST_TYPE = 32


class BadAnswer(Exception):
    """The answer can't be used; `reason` is fit for a person's eyes."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An invoice as told. `number` is "" when this system makes it; `date` None: the moment of the answer."""

    number: str = ""
    date: datetime | None = None
    document_type: str = ""
    url: str = ""
    content: bytes = b""
    content_type: str = ""


def read_answer(body: Any, *, number_made: bool) -> Answer:
    """The answer of a service; `number_made`: the number was made here, so the answer need hold none.

    Raises `BadAnswer` naming the field.
    """
    if not isinstance(body, Mapping):
        raise BadAnswer("the answer is not a JSON object")
    number = _text(body, "invoice_number", LONGEST_NUMBER)
    if not number and not number_made:
        raise BadAnswer("the answer holds no invoice_number")
    content, content_type = _document(body.get("document_content"))
    return Answer(
        number="" if number_made else number,
        date=_moment(body.get("invoice_date")),
        document_type=_text(body, "document_type", LONGEST_TYPE),
        url=_address(body.get("invoice_url")),
        content=content,
        content_type=content_type,
    )


def _text(body: Mapping[str, Any], name: str, longest: int) -> str:
    value = body.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None:
        return ""
    if not isinstance(value, str) or refused_characters(value) or not value.strip().isprintable():
        raise BadAnswer(f"{name} is not a text")
    if len(value.strip()) > longest:
        raise BadAnswer(f"{name} is longer than {longest} characters")
    return value.strip()


def _moment(value: Any) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        return clock.parse(value)
    except ValueError as error:
        raise BadAnswer("invoice_date is not an ISO 8601 moment") from error


def _address(value: Any) -> str:
    if value is None or value == "":
        return ""
    try:
        if not isinstance(value, str) or refused_characters(value):
            raise ValueError("must be a text")
        return documents.address(value)
    except ValueError as error:
        raise BadAnswer(f"invoice_url {error}") from error


def _document(value: Any) -> tuple[bytes, str]:
    if value is None or value == "":
        return b"", ""
    if not isinstance(value, str):
        raise BadAnswer("document_content is not a text")
    try:
        content = documents.decoded(value)
        return content, documents.content_type_of(content)
    except documents.NotADocument as problem:
        raise BadAnswer(f"document_content: {problem}") from problem
