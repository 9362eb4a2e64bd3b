"""From what the function returned to the HTTP answer that API Gateway makes of it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from infra.local.server.events import is_binary
from infra.local.server.messages import BODILESS, Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.local.server.messages import Request

# One byte becomes at most six in JSON, so below a sixth of Lambda's limit nobody needs to count.
CERTAINLY_SMALL = 1_000_000
# API Gateway owns these; a function cannot set them.
_OWNED = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})


def answer_of(
    result: Mapping[str, Any],
    *,
    request: Request,
    request_id: str,
    binary_types: Sequence[str],
    payload_limit: int,
) -> Answer:
    """Read an answer as API Gateway does; one that it could not read raises."""
    body = result.get("body") or ""
    if not isinstance(body, str):
        raise TypeError(f"the body of a Lambda answer is text, not {type(body).__name__}")
    if len(body) > CERTAINLY_SMALL and size_of(result) > payload_limit:
        raise ValueError(f"a Lambda answer has at most {payload_limit} bytes")
    headers = [(name, value) for name, value in _headers(result) if name.lower() not in _OWNED]
    status = int(result["statusCode"])
    # API Gateway takes everything to be JSON; what has no body has no type (RFC 9110, 15.4.5).
    if status not in BODILESS and all(name.lower() != "content-type" for name, _ in headers):
        headers.append(("content-type", "application/json"))
    headers.append(("x-amzn-requestid", request_id))
    # API Gateway turns base64 into bytes only for a client whose first wish is a binary type.
    wanted = request.header("accept").partition(",")[0]
    if result.get("isBase64Encoded") and is_binary(wanted, binary_types):
        raw = base64.b64decode(body)
    else:
        raw = body.encode()
    return Answer(status=status, headers=tuple(headers), body=raw)


def _headers(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    many: Mapping[str, list[Any]] = result.get("multiValueHeaders") or {}
    single: Mapping[str, Any] = result.get("headers") or {}
    repeated = {name.lower() for name in many}
    pairs = [(k, str(v)) for k, v in single.items() if k.lower() not in repeated]
    pairs += [(name, str(value)) for name, values in many.items() for value in values]
    return pairs


def size_of(payload: Mapping[str, Any]) -> int:
    """Bytes of a payload as Lambda counts them: its JSON in UTF-8."""
    return len(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode())
