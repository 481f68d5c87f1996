"""Bulk calls: each row is judged alone, good rows are written as one set, bad ones are answered with their reason."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from ambar.omnitron.wire import field_errors


@dataclass(slots=True, kw_only=True)
class Batch:
    """Rows of one bulk call on their way; `good` and `verdicts` are keyed by the position in the body."""

    size: int
    good: dict[int, dict[str, Any]] = field(default_factory=dict)
    verdicts: dict[int, dict[str, Any]] = field(default_factory=dict)

    def refuse(self, position: int, fields: dict[str, list[str]]) -> None:
        """Takes a row out, with its reasons."""
        self.good.pop(position, None)
        self.verdicts[position] = {"index": position, "result": "refused", "errors": fields}

    def accept(self, position: int, key: int, result: str, **more: Any) -> None:
        """Notes what became of a row: `created`, `updated` or `exists`."""
        self.verdicts[position] = {"index": position, "result": result, "id": key, "pk": key, **more}

    def once(self, name: str, key_of: Any) -> None:
        """Refuses rows whose key came before in the same body."""
        seen: set[Hashable] = set()
        for position, row in sorted(self.good.items()):
            key = key_of(row)
            if key in seen:
                self.refuse(position, {name: ["The same key came before in this body."]})
            seen.add(key)

    def results(self) -> list[dict[str, Any]]:
        """Verdicts in the order sent."""
        return [self.verdicts[position] for position in range(self.size)]


def read(rows: Sequence[Any], shape: type[BaseModel]) -> Batch:
    """Reads each row by its shape; those that do not fit are refused alone."""
    batch = Batch(size=len(rows))
    for position, row in enumerate(rows):
        try:
            batch.good[position] = shape.model_validate(row).model_dump()
        except ValidationError as error:
            batch.refuse(position, field_errors(error))
    return batch
