"""The named "no": what domains raise instead of HTTP codes.

`kit.rest` turns them into answers: `Invalid` 400, `Forbidden` 403, `NotFound` 404, `Conflict` and any other 406.
Source: the error contract of the public Omnitron API ("cancellationplan" page: field maps, `detail`, `code`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FieldErrors = Mapping[str, "Sequence[str] | Mapping[str, Any]"]
"""Messages per field; a nested object has its own map of messages."""


class Refusal(Exception):  # noqa: N818
    """A request that is understood and refused.

    :param message: one English sentence for the caller.
    :param code: a stable name for programs; the class has a default.
    :param params: figures behind the refusal, answered beside the sentence.
    """

    code = "refused"

    def __init__(self, message: str = "", *, code: str | None = None, **params: Any) -> None:
        self.message = message or (type(self).__doc__ or type(self).__name__).strip().splitlines()[0]
        if code is not None:
            self.code = code
        self.params = params
        super().__init__(self.message)

    def as_dict(self) -> dict[str, Any]:
        """`{"code", "en", **params}`, the body of a rule conflict."""
        return {"code": self.code, "en": self.message, **self.params}


class Invalid(Refusal):
    """The input is not acceptable."""

    code = "invalid"

    def __init__(
        self, message: str = "", *, fields: FieldErrors | None = None, code: str | None = None, **params: Any
    ) -> None:
        self.fields = {
            name: messages if isinstance(messages, Mapping) else list(messages)
            for name, messages in (fields or {}).items()
        }
        if not message and self.fields:
            message = "; ".join(
                f"{name}: {messages if isinstance(messages, Mapping) else ' '.join(messages)}"
                for name, messages in self.fields.items()
            )
        super().__init__(message, code=code, **params)


class NotFound(Refusal):
    """Not found."""

    code = "not_found"


class Conflict(Refusal):
    """The rules do not allow this now."""

    code = "conflict"


class Forbidden(Refusal):
    """You do not have permission to perform this action."""

    code = "permission_denied"
