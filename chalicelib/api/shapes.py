"""Shapes: the JSON Schemas of all that routes take and give, made of the wire's own models."""

from collections.abc import Iterable, Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from chalicelib.api.contract import Contract, Json
from chalicelib.api.endpoint import Reply
from chalicelib.api.schemas.problem import Problem

_REDIRECTS = range(300, 400)
_REF = "#/components/schemas/{model}"
_NULL = {"type": "null"}


class Shapes:
    """The schemas of every model that some contract takes or gives."""

    def __init__(self, contracts: Iterable[Contract]) -> None:
        """Collect the models and make their schemas, in one namespace."""
        kinds: dict[tuple[Any, JsonSchemaMode], None] = {(Problem, "serialization"): None}
        for each in contracts:
            taken = (each.takes, each.params)
            given = (*given_by(each), *(also.gives for also in each.others))
            kinds |= dict.fromkeys((kind, "validation") for kind in taken)
            kinds |= dict.fromkeys((kind, "serialization") for kind in given)
        found, definitions = models_json_schema(
            [(kind, mode) for kind, mode in kinds if is_model(kind)], ref_template=_REF
        )
        self._found = {kind: schema for (kind, _), schema in found.items()}
        own = {shape.name: shape for shape in (json_of(kind) for kind, _ in kinds) if shape}
        self.schemas: dict[str, Any] = dict(
            sorted(
                {
                    **definitions["$defs"],
                    **{name: _described(shape) for name, shape in own.items()},
                }.items()
            )
        )

    def of(self, kind: object) -> Mapping[str, object]:
        """Answer the schema of a model, of annotated JSON, or of a boolean."""
        shape = json_of(kind)
        if shape is not None:
            return {"$ref": _REF.format(model=shape.name)}
        return {"type": "boolean", "examples": [True]} if kind is bool else self._found[kind]  # type: ignore[index]

    def fields(self, kind: type[BaseModel]) -> Iterator[Mapping[str, object]]:
        """Answer the fields of a model as the parameters of a query."""
        schema = self.schemas[kind.__name__]
        for name, field in schema["properties"].items():
            about = {key: field[key] for key in ("description",) if key in field}
            kept = {key: field[key] for key in field if key not in {"title", "description"}}
            required = name in schema.get("required", ())
            yield {"name": name, "in": "query", "required": required, "schema": kept, **about}


def json_of(kind: object) -> Json | None:
    """Answer how an annotation describes its JSON, if it does."""
    if get_origin(kind) is not Annotated:
        return None
    return next((each for each in get_args(kind) if isinstance(each, Json)), None)


def given_by(contract: Contract) -> list[object]:
    """Answer the bodies of the usual answer: the view's, without those of its other answers."""
    if contract.status in _REDIRECTS:
        return []
    others = {also.gives for also in contract.others} | {None, NoneType}
    return [kind for kind in _bodies(contract.gives) if kind not in others]


def is_model(kind: object) -> bool:
    """Tell whether a type is a model of the wire."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _described(shape: Json) -> Mapping[str, object]:
    patched = {} if shape.patches is None else _patch(shape.patches)
    return {"description": shape.about, **patched, **shape.schema}


def _patch(model: type[BaseModel]) -> Mapping[str, object]:
    # RFC 7396: each member may be missing, and be null unless the model needs it.
    whole = model.model_json_schema(ref_template=_REF)
    needed = whole.get("required", ())
    members = {
        name: member if name in needed else _removable(member)
        for name, member in whole["properties"].items()
    }
    return {"type": "object", "properties": members, "additionalProperties": False}


def _removable(member: Mapping[str, Any]) -> Mapping[str, object]:
    # As a `default` it would be filled in by generated clients, and change what nobody named.
    about = {name: member[name] for name in member if name in {"title", "description"}}
    said = {name: member[name] for name in member if name not in {*about, "default"}}
    kinds = said.get("anyOf", [said])
    return {**about, "anyOf": kinds if _NULL in kinds else [*kinds, _NULL]}


def _bodies(annotation: object) -> Iterator[object]:
    if get_origin(annotation) in {Union, UnionType}:
        for each in get_args(annotation):
            yield from _bodies(each)
    elif get_origin(annotation) is Reply:
        yield from _bodies(get_args(annotation)[0])
    else:
        yield annotation
