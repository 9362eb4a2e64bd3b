"""The request as a view sees it: decoded once, and never trusted."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote_to_bytes

from chalice.app import Request

from chalicelib.api.contract import Contract
from chalicelib.api.headers import CONDITIONS, LISTS
from chalicelib.domain.audit import Origin
from chalicelib.domain.callers import Visit
from chalicelib.domain.devices import device_cookies
from chalicelib.domain.errors import Fault, InvalidInput, UnsupportedMediaType
from chalicelib.domain.payloads import IfMatch, IfNoneMatch, JsonValue, parse

if TYPE_CHECKING:
    from pydantic import BaseModel

_VARIABLE = re.compile(r"\{(\w+)\}")
_ALONE = frozenset({"dpop"})  # of two proofs, each reader might take another (RFC 9449, 4.3)

M = TypeVar("M", bound="BaseModel")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One HTTP request; header names are lower case, `params` still percent-encoded."""

    method: str
    route: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    params: Mapping[str, str]
    body: bytes = field(repr=False)
    ip: str
    request_id: str

    def header(self, name: str) -> str | None:
        """Answer a header by its lower-case name."""
        return self.headers.get(name)

    def visit(self, own_origin: str) -> Visit:
        """Answer from where the request came; our own pages are no foreign page."""
        page = self.header("origin")
        origin = Origin(
            ip=self.ip, agent=self.header("user-agent") or "", request_id=self.request_id
        )
        return Visit(
            origin=origin,
            page=None if page == own_origin else page,
            devices=device_cookies(self.cookies()),
        )

    def param(self, name: str) -> str:
        """Answer a path parameter, percent-decoded exactly once as UTF-8."""
        try:
            return unquote_to_bytes(self.params[name]).decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidInput(
                "The path is not UTF-8.", Fault(f"/{name}", "not valid UTF-8")
            ) from error

    @property
    def path(self) -> str:
        """Answer the path as it was sent, still percent-encoded."""
        return _VARIABLE.sub(lambda found: self.params[found[1]], self.route)

    def cookies(self) -> Mapping[str, str]:
        """Answer the cookies; what others set in whatever form hides none of ours.

        Browsers send what any page of the site or of a parent domain set (RFC 6265, 5.4), and
        the standard library's parser gives up at the first that it dislikes.
        """
        pairs = (pair.partition("=") for pair in (self.header("cookie") or "").split(";"))
        return {name.strip(): value.strip() for name, equals, value in pairs if equals}

    def json(self) -> JsonValue:
        """Answer the body as JSON; raises `UnsupportedMediaType`, `InvalidJson`."""
        media_type = self._content_type().split(";")[0].strip().lower()
        if media_type != "application/json" and not (
            media_type.startswith("application/") and media_type.endswith("+json")
        ):
            raise UnsupportedMediaType("Send the body as application/json.")
        return parse(self.body)

    def _content_type(self) -> str:
        # Clients of old do not say what they send. A page elsewhere could do the same unasked, by
        # a body without a type, but it cannot send a token along.
        unsaid = "application/json" if self.header("authorization") else ""
        said = self.header("content-type")
        return unsaid if said is None else said

    def model(self, kind: type[M]) -> M:
        """Answer the body as a model; raises `InvalidInput` with a pointer per fault."""
        from chalicelib.api.models import model_of  # noqa: PLC0415 - most routes need no model

        return model_of(kind, self.json())

    def if_match(self) -> IfMatch | None:
        """Answer the versions of `If-Match`, compared strongly (RFC 9110, section 13.1.1)."""
        text = self.header("if-match")
        return None if text is None else IfMatch(_versions(_tags(text)))

    def if_none_match(self) -> IfNoneMatch:
        """Answer the versions of `If-None-Match`, compared weakly (RFC 9110, section 13.1.2)."""
        text = self.header("if-none-match")
        if text is None:
            return IfNoneMatch()
        # Caches and compressing proxies make weak tags of ours; weakly compared they are the same.
        return IfNoneMatch(_versions([tag.removeprefix("W/") for tag in _tags(text)]))


def incoming_of(request: Request, contract: Contract) -> Incoming:
    """Answer Chalice's request in our words, with what the route declares to read."""
    event: dict[str, Any] = request.to_original_event()
    identity = request.context.get("identity") or {}
    many = event.get("multiValueQueryStringParameters") or {}
    repeated = [name for name, values in many.items() if len(values) > 1]
    if repeated:
        # RFC 6749, section 3.1: a parameter sent twice could be read in two ways.
        raise InvalidInput(
            "A query parameter is repeated.", *(Fault(f"/{name}", "repeated") for name in repeated)
        )
    raw = request.raw_body
    headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
    headers |= _conditions(event.get("multiValueHeaders") or {}, contract.names("header"))
    unread = CONDITIONS - contract.names("header")
    asked = contract.names("query") | contract.fields
    return Incoming(
        method=request.method,
        route=request.path,
        headers={name: value for name, value in headers.items() if name not in unread},
        query={name: values[0] for name, values in many.items() if name in asked},
        params=request.uri_params or {},
        body=raw if isinstance(raw, bytes) else raw.encode(),
        ip=str(identity.get("sourceIp") or ""),
        request_id=str(request.context.get("requestId") or ""),
    )


def _conditions(lines: Mapping[str, Sequence[str]], read: AbstractSet[str]) -> Mapping[str, str]:
    found: dict[str, list[str]] = {}
    for name, values in lines.items():
        if name.lower() in CONDITIONS & read | _ALONE:
            found.setdefault(name.lower(), []).extend(values)
    repeated = [name for name in found.keys() - LISTS if len(found[name]) > 1]
    if repeated:
        raise InvalidInput("A header is repeated.", *(Fault(f"/{n}", "repeated") for n in repeated))
    # RFC 9110, section 5.3: several lines are one list.
    return {name: ", ".join(values) for name, values in found.items()}


def _tags(text: str) -> list[str]:
    return [tag.strip() for tag in text.split(",")]


def _versions(tags: Sequence[str]) -> frozenset[int] | None:
    if tags == ["*"]:
        return None
    return frozenset(int(tag[1:-1]) for tag in tags if _is_version(tag))


def _is_version(tag: str) -> bool:
    digits = tag[1:-1]
    quoted = tag[:1] == tag[-1:] == '"'
    return quoted and digits.isascii() and digits.isdecimal() and len(digits) <= 18  # noqa: PLR2004
