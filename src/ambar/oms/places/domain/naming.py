"""What an address says about its places, and what came of looking them up."""

from dataclasses import dataclass, field
from decimal import Decimal

LEVELS = ("country", "city", "township", "district")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One place as an address names it: id at the source, name, code (countries); any may be missing."""

    upstream_id: int | None = None
    name: str | None = None
    code: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing at all is said."""
        return self.upstream_id is None and not self.name and not self.code


NOTHING = Named()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The four places of one address. District may be empty; the others should not."""

    country: Named = NOTHING
    city: Named = NOTHING
    township: Named = NOTHING
    district: Named = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The first level that could not be found: what an alias must teach. `parent_id` is 0 for a country."""

    level: str
    parent_id: int
    name: str
    folded: str

    @property
    def cause(self) -> str:
        """A key equal for all addresses that one alias would release."""
        return f"place:{self.level}:{self.parent_id}:{self.folded}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Ids of the places here (None where the address named none) and the township's centre in degrees."""

    ids: dict[str, int | None] = field(default_factory=dict)
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    unknown: Unknown | None = None
