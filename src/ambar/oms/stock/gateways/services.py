"""The services of stored engines, one per engine and version, so that connections and tokens are kept."""

from datetime import datetime
from threading import Lock

from ambar.kit import vault
from ambar.oms.stock.domain.engine_config import EngineConfig, read_config
from ambar.oms.stock.gateways.stock_service import StockService
from ambar.oms.stock.models import Engine

_lock = Lock()
_kept: dict[int, tuple[datetime, StockService]] = {}


def opened(engine: Engine) -> EngineConfig:
    """The engine's configuration with its password in clear."""
    stored = engine.config
    password = stored["auth"].get("password")
    if password is None:
        return read_config(stored)
    return read_config({**stored, "auth": {**stored["auth"], "password": vault.open(password)}})


def service_of(engine: Engine) -> StockService:
    """The service to ask; built anew when the engine was changed."""
    with _lock:
        kept = _kept.get(engine.pk)
        if kept is not None and kept[0] == engine.modified_at:
            return kept[1]
        if kept is not None:
            kept[1].close()
        made = StockService(opened(engine), timeout_seconds=engine.timeout_seconds)
        _kept[engine.pk] = (engine.modified_at, made)
        return made
