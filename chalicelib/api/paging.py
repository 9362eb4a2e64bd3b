"""Paging: opaque cursors, which name the last thing of a page, and how much a page may hold."""

import base64
import binascii
from collections.abc import Callable
from typing import TypeVar

from chalicelib.api.contract import Parameter
from chalicelib.api.request import Incoming
from chalicelib.domain.errors import Fault, InvalidInput

T = TypeVar("T")

CURSOR = Parameter("query", "cursor", "The `nextCursor` of the page before.")


def limit(most: int) -> Parameter:
    """Declare how many things a page may hold: at most, and without a wish, `most`."""
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": most}
    return Parameter("query", "limit", "How many things the page may hold.", schema)


def cursor_of(last: str | None) -> str | None:
    """Answer the cursor of a page that ends with `last`; none where nothing follows."""
    return None if last is None else base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")


def after_of(request: Incoming, name_of: Callable[[str], T]) -> T | None:
    """Answer what the request's cursor names, read by `name_of`; raises `InvalidInput`."""
    return named_by(request.query.get("cursor"), name_of)


def named_by(cursor: str | None, name_of: Callable[[str], T]) -> T | None:
    """Answer what a cursor names, read by `name_of`; raises `InvalidInput`."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
        if cursor_of(text) == cursor:
            return name_of(text)
    except (UnicodeError, binascii.Error, InvalidInput):
        pass
    raise InvalidInput("This cursor is not one of ours.", Fault("/cursor", "not a cursor"))


def limit_of(request: Incoming, *, most: int) -> int:
    """Answer how many things the page may hold: 1 to `most`, which is also the default."""
    text = request.query.get("limit", str(most))
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    if not is_number or not 1 <= int(text) <= most:
        raise InvalidInput(f"A limit is 1 to {most}.", Fault("/limit", f"not 1 to {most}"))
    return int(text)
