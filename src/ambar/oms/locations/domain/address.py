"""Whether the places of an address lie in each other."""

from collections.abc import Mapping

from ambar.kit.refusals import Invalid

LEVELS = ("country", "city", "township", "district")


def check_address(given: Mapping[str, int | None], parents: Mapping[str, int | None]) -> None:
    """`given` are the place ids by level; `parents` the parent of each given place, None when the place is unknown.

    Raises `Invalid` naming the level that is unknown or lies elsewhere.
    """
    wrong: dict[str, list[str]] = {}
    for position, level in enumerate(LEVELS):
        place = given.get(level)
        if place is None:
            continue
        parent = parents.get(level)
        if parent is None:
            wrong[level] = [f"{level.capitalize()} {place} is not known."]
        elif position and given.get(LEVELS[position - 1]) != parent:
            wrong[level] = [f"{level.capitalize()} {place} does not lie in the given {LEVELS[position - 1]}."]
    if wrong:
        raise Invalid(fields=wrong)
