"""Reads infra/resources.yaml as CloudFormation would, for one stage."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RESOURCES = Path(__file__).parent.parent / "resources.yaml"
LOCAL_ACCOUNT = "000000000000"

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of the template, with its intrinsic functions resolved."""

    name: str
    type: str
    properties: Properties


def resources(*, kind: str, variables: dict[str, str]) -> tuple[Resource, ...]:
    """Every resource of one CloudFormation type, in the order of the file.

    References to parameters and pseudo parameters become their values; a reference to another
    resource becomes that resource's logical name.
    """
    document = _document()
    known = _defaults(document) | variables
    return tuple(
        Resource(name, body["Type"], _resolved(body.get("Properties", {}), known))
        for name, body in document["Resources"].items()
        if body["Type"] == kind
    )


class _Loader(yaml.SafeLoader):
    """A safe loader that keeps CloudFormation's short tags as their long forms."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> Properties:
    key = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        raise yaml.YAMLError(f"{key} over a mapping is not used in this template")
    return {key: value}


_Loader.add_multi_constructor("!", _intrinsic)


@cache
def _document() -> Properties:
    # The loader derives from SafeLoader and adds nothing that could construct an object.
    loaded = yaml.load(RESOURCES.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    if not isinstance(loaded, dict):
        raise TypeError(f"{RESOURCES} is not a template")
    return loaded


def _defaults(document: Properties) -> dict[str, str]:
    parameters = document["Parameters"].items()
    return {name: body["Default"] for name, body in parameters if "Default" in body}


def _resolved(value: Any, known: dict[str, str]) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_resolved(each, known) for each in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Ref": str(name), **rest} if not rest:
            return known.get(name, name)
        case {"Fn::Sub": str(text), **rest} if not rest:
            return re.sub(r"\$\{([^}]+)\}", lambda found: known.get(found[1], found[0]), text)
        case {"Fn::GetAtt": attribute, **rest} if not rest:
            return attribute
        case _:
            return {key: _resolved(each, known) for key, each in value.items()}
