"""Idempotency: a request's own key, and how an answer says that it was given before."""

import hashlib
import re
from collections.abc import Mapping

from chalicelib.api.headers import REPLAYED
from chalicelib.api.request import Incoming
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.receipts import Attempt

_KEY = re.compile(r"[!-~]{1,255}")
# draft-ietf-httpapi-idempotency-key-header makes it a string of RFC 8941, section 3.3.3.
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_ESCAPED = re.compile(r"\\(.)")


def attempt_of(request: Incoming) -> Attempt | None:
    """Answer the attempt that a request is, if it has a key; raises `InvalidInput`.

    The same request is the same method, route, names in the path and body, byte for byte.
    """
    text = request.header("idempotency-key")
    if text is None:
        return None
    names = (request.param(name) for name in sorted(request.params))
    body = hashlib.sha256(request.body).hexdigest()
    return Attempt(_key_of(text.strip()), "\0".join((request.method, request.route, *names, body)))


def marked(headers: Mapping[str, str], *, is_replay: bool) -> Mapping[str, str]:
    """Answer headers that say so when the answer was given before."""
    return {**headers, REPLAYED.name: "true"} if is_replay else headers


def _key_of(text: str) -> str:
    key = text
    if text.startswith('"'):
        quoted = _QUOTED.fullmatch(text)
        key = "" if quoted is None else _ESCAPED.sub(r"\1", quoted[1])
    if _KEY.fullmatch(key) is None:
        raise InvalidInput(
            "An Idempotency-Key has 1 to 255 visible ASCII characters.",
            Fault("/Idempotency-Key", "1 to 255 visible ASCII characters, quoted or not"),
        )
    return key
