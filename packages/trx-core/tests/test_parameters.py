"""Parameters, as people are told of them."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, Field

from trx_core.errors import InvalidParameters
from trx_core.parameters import ParameterInfo, model_of, parameters_of


class Model(BaseModel):
    rate: float = Field(
        default=2.0, gt=0, le=1e6, description="arrivals", json_schema_extra={"unit": "1/s"}
    )
    count: int | None = Field(default=None, ge=0)
    weights: Mapping[str, float] = Field(default_factory=lambda: {"a": 1.0}, min_length=1)
    name: str


class Scenario:
    parameters = Model


def test_a_model_tells_its_parameters() -> None:
    assert model_of(Scenario) is Model
    assert model_of(object) is None
    assert parameters_of(Model) == [
        ParameterInfo("rate", "float", 2.0, "1/s", "> 0, ≤ 1e+06", "arrivals"),
        ParameterInfo("count", "int or null", None, "", "≥ 0", ""),
        ParameterInfo("weights", "mapping", {"a": 1.0}, "", "at least 1", ""),
        ParameterInfo("name", "str", None, required=True),
    ]


def test_an_error_names_every_parameter() -> None:
    error = InvalidParameters([("rate", "too low"), ("", "none of it fits")])
    assert str(error) == "rate: too low; none of it fits"
