"""Statements of a signed SAML assertion: whether they are for us and now, and what they say."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from lxml import etree

from chalicelib.domain.limits import CLOCK_LEEWAY
from chalicelib.domain.saml import Asserted, Expected
from chalicelib.domain.vouching import Doubt, Vouched

ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}"
PROTOCOL = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_AS_EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
_METHODS = "http://schemas.microsoft.com/claims/authnmethodsreferences"
_MANIFOLD = frozenset(
    {
        "https://refeds.org/profile/mfa",
        "http://schemas.microsoft.com/claims/multipleauthn",
    }
)
_EMAIL = ("email", "mail", f"{_CLAIMS}/emailaddress", "urn:oid:0.9.2342.19200300.100.1.3")
_NAME = (
    *("displayName", "name", "http://schemas.microsoft.com/identity/claims/displayname"),
    *(f"{_CLAIMS}/name", "urn:oid:2.16.840.1.113730.3.1.241"),
)
_OLDEST = 600  # seconds since it was made
_MAX_NAME = 255  # characters of an id or of a subject


def asserted(assertion: etree._Element, expected: Expected, *, now: int) -> Asserted | Doubt:
    """Answer what an assertion says, or why it does not count (SAML Profiles 2.0, 4.1.4.2)."""
    name = assertion.get("ID", "")
    subject = assertion.find(f"{ASSERTION}Subject/{ASSERTION}NameID")
    if assertion.get("Version") != "2.0" or not 0 < len(name) <= _MAX_NAME:
        return Doubt.MALFORMED
    if _text(assertion.find(f"{ASSERTION}Issuer")) != expected.issuer:
        return Doubt.ISSUER
    if assertion.find(f"{ASSERTION}Subject/{ASSERTION}EncryptedID") is not None:
        return Doubt.ENCRYPTED
    doubt = _conditions(assertion, expected, now)
    if doubt is not None:
        return doubt
    exp = _confirmed(assertion, expected, now)
    if isinstance(exp, Doubt):
        return exp
    called = _text(subject)
    statement = assertion.find(f"{ASSERTION}AuthnStatement")
    # Who is called otherwise each time would be somebody else each time.
    if subject is None or statement is None or subject.get("Format") == _TRANSIENT:
        return Doubt.MALFORMED
    if not 0 < len(called) <= _MAX_NAME:
        return Doubt.MALFORMED
    if not _is_within(None, statement.get("SessionNotOnOrAfter"), now):
        return Doubt.TIME
    as_email = called if subject.get("Format") == _AS_EMAIL else None
    claims = _claims(assertion)
    vouched = Vouched(
        # Else an OpenID provider of the same name could speak of the same people.
        issuer=f"saml:{expected.issuer}",
        subject=called,
        email=_first(claims, _EMAIL) or as_email,
        name=_first(claims, _NAME),
        amr=_methods(statement, claims),
        auth_time=_moment(statement.get("AuthnInstant")),
        claims=claims,
    )
    return Asserted(vouched, name, exp)


def _conditions(assertion: etree._Element, expected: Expected, now: int) -> Doubt | None:
    conditions = assertion.findall(f"{ASSERTION}Conditions")
    issued_at = _moment(assertion.get("IssueInstant"))
    if len(conditions) != 1 or issued_at is None:
        return Doubt.MALFORMED
    if not now - _OLDEST <= issued_at <= now + CLOCK_LEEWAY:
        return Doubt.TIME
    (only,) = conditions
    if not _is_within(only.get("NotBefore"), only.get("NotOnOrAfter"), now):
        return Doubt.TIME
    restrictions = only.findall(f"{ASSERTION}AudienceRestriction")
    # Each of several restricts further (SAML Core 2.0, section 2.5.1.4).
    for restriction in restrictions:
        if expected.audience not in map(_text, restriction.findall(f"{ASSERTION}Audience")):
            return Doubt.AUDIENCE
    return None if restrictions else Doubt.AUDIENCE


def _confirmed(assertion: etree._Element, expected: Expected, now: int) -> int | Doubt:
    doubt = Doubt.RECIPIENT
    for each in assertion.findall(f"{ASSERTION}Subject/{ASSERTION}SubjectConfirmation"):
        data = each.find(f"{ASSERTION}SubjectConfirmationData")
        if each.get("Method") != _BEARER or data is None:
            continue
        until = _moment(data.get("NotOnOrAfter"))
        if data.get("Recipient") != expected.recipient:
            doubt = Doubt.RECIPIENT
        elif data.get("InResponseTo") != expected.request_id:
            doubt = Doubt.NONCE
        elif until is None or not _is_within(data.get("NotBefore"), data.get("NotOnOrAfter"), now):
            doubt = Doubt.TIME
        else:
            return until + CLOCK_LEEWAY
    return doubt


def _is_within(since: str | None, until: str | None, now: int) -> bool:
    begins, ends = _moment(since), _moment(until)
    if (since is not None and begins is None) or (until is not None and ends is None):
        return False
    is_begun = begins is None or begins <= now + CLOCK_LEEWAY
    return is_begun and (ends is None or now - CLOCK_LEEWAY < ends)


def _moment(text: str | None) -> int | None:
    # SAML Core 2.0, section 1.3.3: in UTC, and said so.
    if text is None or not text.endswith("Z"):
        return None
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError):
        return None


def _claims(assertion: etree._Element) -> dict[str, object]:
    found: dict[str, list[str]] = {}
    for attribute in assertion.iterfind(f"{ASSERTION}AttributeStatement/{ASSERTION}Attribute"):
        name = attribute.get("Name")
        if name is not None:
            found.setdefault(name, []).extend(_values(attribute))
    return {name: each[0] if len(each) == 1 else each for name, each in found.items()}


def _values(attribute: etree._Element) -> Iterator[str]:
    for value in attribute.iterfind(f"{ASSERTION}AttributeValue"):
        text = _text(value)
        if text:
            yield text


def _first(claims: Mapping[str, object], names: tuple[str, ...]) -> str | None:
    texts = (claims.get(name) for name in names)
    return next((text for text in texts if isinstance(text, str)), None)


def _methods(statement: etree._Element, claims: Mapping[str, object]) -> tuple[str, ...]:
    shown = claims.get(_METHODS, [])
    said = {shown} if isinstance(shown, str) else set(shown if isinstance(shown, list) else [])
    context = statement.find(f"{ASSERTION}AuthnContext/{ASSERTION}AuthnContextClassRef")
    return ("mfa",) if _MANIFOLD & (said | {_text(context)}) else ()


def _text(element: etree._Element | None) -> str:
    # What has parts is no text: a part between two pieces would hide the second.
    return "" if element is None or len(element) else (element.text or "").strip()
