"""Callers are told of fields, never of the types that were tried on them."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError

from ambar.kit.rest.bodies import Body, Moment
from ambar.kit.rest.problems import dotted, fields_of

Id = Annotated[StrictInt, Field(ge=1)]


class Parcel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    package: Id


class Call(BaseModel):
    model_config = ConfigDict(extra="forbid")

    packages: list[Id | Parcel]
    tags: list[int] | dict[str, int] = []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, {"packages": ["This field is required."]}),
        ({"packages": [], "Colour": 1}, {"Colour": ["Unknown field."]}),
        (
            {"packages": [1, "x"]},
            {"packages.1": ["Input should be a valid integer", "An object is expected."]},
        ),
        (
            {"packages": [{"package": 0}]},
            {
                "packages.0": ["Input should be a valid integer"],
                "packages.0.package": ["Input should be greater than or equal to 1"],
            },
        ),
        (
            {"packages": [{"package": 1, "Unknown-One": 2}]},
            {"packages.0": ["Input should be a valid integer"], "packages.0.Unknown-One": ["Unknown field."]},
        ),
        (
            {"packages": [1], "tags": 5},
            {"tags": ["Input should be a valid list", "Input should be a valid dictionary"]},
        ),
    ],
)
def test_a_refusal_names_the_field(given, told):
    with pytest.raises(ValidationError) as refused:
        Call.model_validate(given)
    assert fields_of(refused.value.errors()) == told


class Dated(Body):
    at: Moment


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_a_moment_that_is_no_moment_in_another_zone_is_refused(at: str) -> None:
    """In Istanbul the first is the year 10000, in New York the second the year 0: nobody there could be shown it."""
    with pytest.raises(ValidationError) as refused:
        Dated(at=at)
    assert fields_of(refused.value.errors()) == {"at": ["must lie between the years 2 and 9998"]}


def test_the_last_moment_that_is_one_everywhere_is_taken() -> None:
    assert Dated(at="9998-12-31T23:59:59Z").at.year == 9998


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("rules[0].source_condition.any[12].value", "rules.0.source_condition.any.12.value"),
        ("rules.0.name", "rules.0.name"),
        ("[3].sku", "3.sku"),
        ("lines[]", "lines[]"),
        ("ids[0]", "ids[0]"),
    ],
)
def test_a_place_is_told_in_one_way_but_for_names_the_caller_chose(said, told):
    assert dotted({said: ["No."]}, asked={"ids[0]"}) == {told: ["No."]}
