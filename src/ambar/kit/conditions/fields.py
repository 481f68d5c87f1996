"""The typed fields a condition may ask about."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

TYPES = ("text", "code", "number", "boolean", "moment", "clock", "list", "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. `name` is the key in the view; a name that ends in `.*` stands for every key under that prefix.

    Types: `text` (compared without regard to case and diacritics, the Turkish way), `code` (compared exactly),
    `number`, `boolean`, `moment` (date and time), `clock` (time of day), `list` (of text), `open` (text or number,
    whichever the value is: free attributes). `sql` is a trusted SQL expression; for a `.*` field it holds one `%s`
    for the rest of the name, and for an `open` one it gives jsonb.
    """

    name: str
    type: str
    label: str
    label_tr: str = ""
    choices: tuple[str, ...] = ()
    sql: str | None = None

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(f"unknown field type {self.type!r} for {self.name}")

    def words(self, language: str) -> str:
        return (self.label_tr or self.label) if language.startswith("tr") else self.label


class Fields:
    """A fixed set of fields, looked up by name or prefix."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self._exact: dict[str, Field] = {}
        self._prefixes: dict[str, Field] = {}
        for field in fields:
            if field.name.endswith(".*"):
                self._prefixes[field.name[:-1]] = field
            else:
                self._exact[field.name] = field

    def __iter__(self) -> Iterator[Field]:
        yield from self._exact.values()
        yield from self._prefixes.values()

    def find(self, name: str) -> Field | None:
        """The field called `name`; for a prefix field a copy that carries the full name."""
        found = self._exact.get(name)
        if found is not None:
            return found
        head, dot, rest = name.partition(".")
        wild = self._prefixes.get(head + dot) if dot and rest else None
        if wild is None:
            return None
        return Field(
            name=name,
            type=wild.type,
            label=f"{wild.label} {rest}",
            label_tr=f"{wild.label_tr or wild.label} {rest}",
            sql=wild.sql,
        )

    def names(self) -> list[str]:
        return sorted([*self._exact, *(prefix + "*" for prefix in self._prefixes)])
