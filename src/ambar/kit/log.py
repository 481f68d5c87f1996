"""One JSON line per log event on standard error; secrets masked before they are written."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

_SECRET = re.compile(r"token|password|passwd|secret|authorization|cookie|api_?key|credential", re.IGNORECASE)
MASK = "****"


def mask_secrets(value: Any, *, depth: int = 0) -> Any:
    """A copy of `value` in which everything under a key that names a secret is `****`."""
    if depth > 8:
        return value
    if isinstance(value, dict):
        return {
            key: MASK
            if isinstance(key, str) and _SECRET.search(key) and item not in (None, "")
            else mask_secrets(item, depth=depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [mask_secrets(item, depth=depth + 1) for item in value]
    return value


def _mask(_logger: Any, _method: str, event: Any) -> Any:
    return mask_secrets(event)


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _mask,
]


def configure(options: dict[str, Any] | None = None) -> None:
    """Sets up structlog and the standard library's logging; Django calls it with `LOGGING`."""
    level = str((options or {}).get("level", "INFO")).upper()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_SHARED],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    for old in [one for one in root.handlers if getattr(one, "_ambar", False)]:
        root.removeHandler(old)
    handler._ambar = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(level)
    for noisy in ("procrastinate", "httpx2", "httpcore2", "psycopg.pool", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    # A refused request is no incident: what matters is logged by kit.rest with its incident number.
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
