"""`cli.md`: the `ambar` command as its own help describes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reference_pages import MADE
from reference_pages.markdown import code, table


def page() -> str:
    """Every command with its options."""
    import typer

    from ambar.cli.main import app

    root = typer.main.get_command(app)
    parts = [
        "# The `ambar` command\n",
        MADE,
        "`ambar` lies in `.venv/bin/` after `make demo` or `make test`.\n",
    ]
    for name, command in _commands("ambar", root):
        parts.append(f"## `{name}`\n\n{_first(command.help)}\n")
        rows = [_option(option) for option in command.params if option.name != "help"]
        if rows:
            parts.append(table(("option", "default", "environment", "what"), rows))
    return "\n".join(parts)


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for key in sorted(inner):
        yield from _commands(f"{name} {key}", inner[key])


def _first(text: str | None) -> str:
    return (text or "").strip().split("\n\n")[0].replace("\n", " ")


def _option(option: Any) -> tuple[str, str, str, str]:
    names = ", ".join(
        code(name) for name in [*option.opts, *option.secondary_opts] if "completion" not in name
    )
    variable = option.envvar if isinstance(option.envvar, str) else ""
    default = "" if option.default in (None, "", False) else code(option.default)
    return names, default, code(variable) if variable else "", option.help or ""
