"""Models: JSON held against a shape of the wire."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from chalicelib.domain.errors import MAX_FAULTS, Fault, InvalidInput, pointer_of
from chalicelib.domain.payloads import JsonValue

M = TypeVar("M", bound=BaseModel)


def model_of(kind: type[M], value: JsonValue) -> M:
    """Answer a value as a model; raises `InvalidInput` with a pointer per fault."""
    try:
        return kind.model_validate(value, strict=True)
    except ValidationError as error:
        raise InvalidInput(
            "The request does not have the documented form.",
            *(Fault(pointer_of(e["loc"]), e["msg"]) for e in error.errors()[:MAX_FAULTS]),
        ) from None
