"""Invoice documents: bytes whose kind is known by how they begin, never by what somebody says of them."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlsplit

LARGEST = 5 * 1024 * 1024
LONGEST_URL = 2048
LONGEST_BASE64 = (LARGEST + 2) // 3 * 4 + 1024
KINDS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "application/xml": "xml"}
"""Content types that are kept, with the ending of their file names."""
_BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"<?xml", "application/xml"),
)
_MARK = b"\xef\xbb\xbf"


class NotADocument(ValueError):
    """These bytes can't be kept as an invoice document; the text says why."""


def content_type_of(content: bytes) -> str:
    """The content type of a document. Raises `NotADocument` when it is empty, too large or of another kind."""
    if not content:
        raise NotADocument("the document is empty")
    if len(content) > LARGEST:
        raise NotADocument(f"the document is larger than {LARGEST // 1024 // 1024} MiB")
    for beginning, kind in _BEGINNINGS:
        if content.removeprefix(_MARK).lstrip(b" \t\r\n").startswith(beginning):
            return kind
    raise NotADocument("the document is none of PDF, PNG, JPEG, XML")


def decoded(text: str) -> bytes:
    """The bytes of a base64 text, line breaks allowed. Raises `NotADocument`."""
    if len(text) > LONGEST_BASE64:
        raise NotADocument(f"the document is larger than {LARGEST // 1024 // 1024} MiB")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotADocument("the document is not base64") from error


def address(text: str) -> str:
    """A link that may be shown: http or https with a host, nothing in it that would break out of a page or a header.

    Raises `ValueError`.
    """
    if len(text) > LONGEST_URL or any(ord(letter) <= 32 or ord(letter) == 127 for letter in text):
        raise ValueError(f"must be a URL of at most {LONGEST_URL} characters without blanks")
    parts = urlsplit(text)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("must be an http or https URL without credentials")
    return text


def file_name(number: str, content_type: str) -> str:
    """A name for the downloaded file, of letters that every system takes."""
    safe = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "-" for letter in number
    )
    return f"invoice-{safe[:80]}.{KINDS[content_type]}"
