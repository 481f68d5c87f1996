"""The page that lists the others."""

from __future__ import annotations

from reference_pages import MADE


def page(pages: dict[str, str]) -> str:
    """A line per page with its title."""
    lines = [f"- [{_title(path, text)}]({path})" for path, text in sorted(pages.items())]
    return "\n".join(["# Reference\n", MADE, *lines]) + "\n"


def _title(path: str, text: str) -> str:
    if path.endswith(".json"):
        return f"OpenAPI document `{path.removeprefix('openapi/')}`"
    return text.splitlines()[0].removeprefix("# ")
