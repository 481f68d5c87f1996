"""What the location room asks of higher rooms; they fill it in `AppConfig.ready()`."""

from collections.abc import Callable

EngineHolder = Callable[[int], bool]
_engines: list[EngineHolder] = []


def register_engines(keeps: EngineHolder) -> None:
    """`keeps(engine_id)` answers whether the engine exists and keeps it from vanishing until the transaction ends."""
    _engines[:] = [keeps]


def engine_exists(engine_id: int) -> bool:
    """Whether a location may point to this engine."""
    return any(keeps(engine_id) for keeps in _engines)
