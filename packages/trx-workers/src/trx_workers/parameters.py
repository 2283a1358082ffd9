"""Parameters of plugins: frozen, checked, and refused in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

__all__ = ["Parameters", "reasons"]


class Parameters(BaseModel):
    """Base of every set of parameters: no unknown names, no NaN, no infinity."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def parse(cls, params: Mapping[str, Any]) -> Self:
        """Check ``params``.

        Raises:
            ValueError: in one line, naming each parameter that is wrong.
        """
        try:
            return cls.model_validate(dict(params))
        except ValidationError as error:
            raise ValueError(reasons(error)) from None


def reasons(error: ValidationError) -> str:
    """What is wrong with each field, in one line."""
    return "; ".join(
        ": ".join([*filter(None, [".".join(map(str, item["loc"]))]), item["msg"]])
        for item in error.errors(include_url=False)
    )
