"""Wire shapes of retail stores that callers send."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, model_validator

from ambar.kit import rest
from ambar.omnitron.wire import Key

Code = Annotated[str, Field(max_length=128)]
PlaceName = Key | Annotated[str, Field(max_length=255)] | dict[str, Any] | None
Hours = Annotated[
    list[Annotated[list[Annotated[str, Field(max_length=5)]], Field(max_length=2)]], Field(max_length=7)
]


class StorePatch(rest.OpenBody):
    """Places are given by key or by name; `township_id` and `district_id` are read like `township` and `district`."""

    name: Annotated[str, Field(min_length=1, max_length=255)] = ""
    erp_code: Annotated[str, Field(min_length=1, max_length=128)] = ""
    country: PlaceName = None
    city: PlaceName = None
    township: PlaceName = None
    district: PlaceName = None
    address: Annotated[str, Field(max_length=512)] = ""
    postcode: Annotated[str, Field(max_length=64)] = ""
    phone_number: Code = ""
    fax_phone_number: Code = ""
    image: Annotated[str, Field(max_length=1024)] = ""
    store_hours: Hours = []
    latitude: Annotated[Decimal, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[Decimal, Field(ge=-180, le=180)] | None = None
    is_active: bool = True
    click_and_collect: bool = False
    kapida_enabled: bool = False
    fast_delivery: bool = False
    is_return_accepted: bool = True
    store_type_id: Key | None = None
    group_id: Key | None = None
    sort_order: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = 0
    config: dict[str, Any] = {}
    channels: list[Key] = []
    translations: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _both_names(cls, data: Any) -> Any:
        if isinstance(data, dict):
            data = dict(data)
            for name in ("township", "district"):
                if f"{name}_id" in data:
                    data.setdefault(name, data.pop(f"{name}_id"))
        return data


class StoreIn(StorePatch):
    name: Annotated[str, Field(min_length=1, max_length=255)]
    erp_code: Annotated[str, Field(min_length=1, max_length=128)]
