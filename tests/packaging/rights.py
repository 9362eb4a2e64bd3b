"""The policies of the functions, read as IAM reads them, as far as they go."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHALICE = Path(__file__).parents[2] / ".chalice"
STAGE = "test"

_SUBSTITUTES = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "000000000000",
    "AWS::StackName": "secureflows-test",
    "Stage": STAGE,
    "MailDomain": "flows.example",
}
_TABLES = "arn:aws:dynamodb:us-east-1:000000000000:table/"
_OBJECTS = "ObjectsBucket.Arn"
_ON_OBJECTS = {
    "put_object": "PutObject",
    "get_object": "GetObject",
    "head_object": "GetObject",
    "delete_object": "DeleteObject",
    "list_objects_v2": "ListBucket",
}
_IN_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


@dataclass(frozen=True, slots=True)
class Right:
    """One action on one resource; `leading` are the patterns of partition keys, if any.

    `attributes` are the only ones that may be named, if any are.
    """

    action: str
    resource: str
    leading: tuple[str, ...]
    attributes: frozenset[str]
    condition: Any


@dataclass(frozen=True, slots=True)
class Need:
    """What one call asks of a policy."""

    action: str
    resource: str
    partition: str | None
    attributes: frozenset[str] | None  # none: all of them


def functions() -> dict[str, Path]:
    """Answer the policy file of every function."""
    config = json.loads((CHALICE / "config.json").read_text("utf-8"))
    return {
        name: CHALICE / settings["iam_policy_file"]
        for name, settings in config["lambda_functions"].items()
    }


def rights(function: str) -> Sequence[Right]:
    """Answer all rights of a function."""
    document = json.loads(functions()[function].read_text("utf-8"))
    return [
        Right(
            action,
            _plain(resource),
            _leading(statement),
            _attributes(statement),
            statement.get("Condition"),
        )
        for statement in document["Statement"]
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    ]


def allows(function: str, need: Need) -> bool:
    """Tell whether a function may make a call."""
    return any(
        right.action == need.action
        and _matches(right.resource, need.resource)
        and (not right.leading or _within(right.leading, need.partition))
        and (not right.attributes or (need.attributes or {"*"}) <= right.attributes)
        for right in rights(function)
    )


def needs(operation: str, arguments: dict[str, Any]) -> Iterator[Need]:
    """Answer what one call asks for; a transaction asks for each of its actions."""
    match operation:
        case "TransactWriteItems":
            for action in arguments["TransactItems"]:
                ((kind, inner),) = action.items()
                yield _need(_IN_TRANSACTIONS[kind], inner["TableName"], inner)
        case str() if operation in _ON_OBJECTS:
            verb = _ON_OBJECTS[operation] + ("Version" if "VersionId" in arguments else "")
            where = f"/{arguments['Key']}" if "Key" in arguments else ""
            yield Need(f"s3:{verb}", _OBJECTS + where, None, None)
        case "BatchGetItem":
            for name, request in arguments["RequestItems"].items():
                for key in request["Keys"]:
                    yield _need(operation, name, {**request, "Key": key})
        case _:
            name = arguments["TableName"]
            if "IndexName" in arguments:
                name += f"/index/{arguments['IndexName']}"
            yield _need(operation, name, arguments)


def _need(action: str, name: str, arguments: dict[str, Any]) -> Need:
    stage = name.split("-")[1]
    resource = _TABLES + name.replace(stage, STAGE, 1)
    return Need(f"dynamodb:{action}", resource, _partition(arguments), _asked(arguments))


def _asked(arguments: dict[str, Any]) -> frozenset[str] | None:
    if "UpdateExpression" in arguments:
        return frozenset([*arguments["ExpressionAttributeNames"].values(), *arguments["Key"]])
    if "ProjectionExpression" not in arguments:
        return None
    names = arguments["ExpressionAttributeNames"]
    asked = [names[name.strip()] for name in arguments["ProjectionExpression"].split(",")]
    return frozenset([*asked, *arguments.get("Key", ("PK", "SK"))])


def _partition(arguments: dict[str, Any]) -> str | None:
    key = arguments.get("Key") or arguments.get("Item")
    if key is None:  # a query asks for one partition
        asked = arguments.get("ExpressionAttributeValues", {}).get(":pk")
        return None if asked is None else str(asked["S"])
    return str(key["PK"]["S"])


def _within(patterns: tuple[str, ...], partition: str | None) -> bool:
    return partition is not None and any(_matches(pattern, partition) for pattern in patterns)


def _leading(statement: dict[str, Any]) -> tuple[str, ...]:
    condition = statement.get("Condition", {})
    like = condition.get("ForAllValues:StringLike", {})
    equals = condition.get("ForAllValues:StringEquals", {})
    return tuple(like.get("dynamodb:LeadingKeys", equals.get("dynamodb:LeadingKeys", ())))


def _attributes(statement: dict[str, Any]) -> frozenset[str]:
    equals = statement.get("Condition", {}).get("ForAllValues:StringEquals", {})
    return frozenset(equals.get("dynamodb:Attributes", ()))


def _matches(pattern: str, text: str) -> bool:
    signs = {"*": ".*", "?": "."}
    written = "".join(signs.get(sign, re.escape(sign)) for sign in pattern)
    return re.fullmatch(written, text) is not None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _plain(resource: Any) -> str:
    match resource:
        case {"Fn::Sub": str(text)}:
            return re.sub(
                r"\$\{([^}]+)}",
                lambda found: _SUBSTITUTES.get(found[1], found[1].removesuffix(".Arn") + ".Arn"),
                text,
            )
        case {"Fn::GetAtt": [str(name), "Arn"]}:
            return f"{name}.Arn"
    return str(resource)
