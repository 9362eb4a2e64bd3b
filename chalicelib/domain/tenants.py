"""Tenants: organisations behind one provider, whom it speaks for, and what it confirms of them."""

import re
from collections.abc import Mapping, Sequence

from chalicelib.domain.errors import Fault, InvalidInput

GOOGLE = "https://accounts.google.com"
_SHARED = re.compile(r"(https?://[^/]+)/(?:common|organizations)/v2\.0")
_PLACE = "{tenantid}"
_ENTRA = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_YES = (True, 1, "1", "true")


def shared_issuer(issuer: str) -> str | None:
    """Answer what an issuer of many tenants calls itself, with a place for one of them.

    So does Microsoft: `common` and `organizations` sign in the name of whoever's tenant it was.
    """
    found = _SHARED.fullmatch(issuer)
    return None if found is None else f"{found[1]}/{_PLACE}/v2.0"


def tenants_of(issuer: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Answer the tenants whose people may come from an issuer; raises `InvalidInput`."""
    tenants = tuple(dict.fromkeys(text.strip().lower() for text in texts))
    is_shared = shared_issuer(issuer) is not None
    if is_shared and not tenants:
        raise InvalidInput(
            "Name the tenants whose people may sign in.",
            Fault("/tenants", "needed for an issuer that speaks for every tenant"),
        )
    if tenants and not is_shared and issuer != GOOGLE:
        raise InvalidInput(
            "This issuer speaks for itself.",
            Fault("/tenants", "only for Google, and for Microsoft's common and organizations"),
        )
    kind, said = (_ENTRA, "a tenant id") if is_shared else (DOMAIN, "a domain like acme.example")
    for number, tenant in enumerate(tenants):
        if kind.fullmatch(tenant) is None:
            raise InvalidInput("That is no tenant.", Fault(f"/tenants/{number}", f"not {said}"))
    return tenants


def is_single(issuer: str, tenants: Sequence[str]) -> bool:
    """Tell whether all that an issuer says comes from one organisation."""
    return len(tenants) == 1 or (shared_issuer(issuer) is None and issuer != GOOGLE)


def issuers_of(issuer: str, tenants: Sequence[str]) -> tuple[str, ...]:
    """Answer all names in which an issuer may answer."""
    shared = shared_issuer(issuer)
    return (issuer,) if shared is None else tuple(shared.replace(_PLACE, each) for each in tenants)


def speaker(issuer: str, claims: Mapping[str, object], tenants: Sequence[str]) -> str | None:
    """Answer who has to have issued these claims, if one of the tenants did."""
    shared = shared_issuer(issuer)
    if shared is not None:
        tenant = claims.get("tid")
        is_one = isinstance(tenant, str) and tenant in tenants
        return shared.replace(_PLACE, str(tenant)) if is_one else None
    # Anybody may have an account at Google with an address of theirs; `hd` says whose it is.
    return issuer if not tenants or claims.get("hd") in tenants else None


def signs_for(key_issuer: object, issuer: str, claims: Mapping[str, object]) -> bool:
    """Tell whether a key that names whom it signs for may have signed these claims.

    Among the keys that Microsoft publishes for all are some of single tenants.
    """
    if key_issuer is None or shared_issuer(issuer) is None:
        return True
    return str(key_issuer).replace(_PLACE, str(claims.get("tid"))) == claims.get("iss")


def is_confirmed(issuer: str, claims: Mapping[str, object]) -> bool:
    """Tell whether an issuer that is believed knows that the address is the person's.

    Microsoft's `email` is whatever an administrator of any tenant typed, unless `xms_edov` says
    that the tenant owns the domain. Google knows of its own domains, and of others who asked once.
    """
    email = claims.get("email")
    if shared_issuer(issuer) is not None:
        owned = [claims.get(f"verified_{which}_email") for which in ("primary", "secondary")]
        return _is_yes(claims.get("xms_edov")) or any(
            email in each for each in owned if isinstance(each, list)
        )
    if issuer == GOOGLE and "hd" not in claims and not str(email).endswith("@gmail.com"):
        return False
    return claims.get("email_verified") is True


def wishes_of(issuer: str, tenants: Sequence[str]) -> Mapping[str, str]:
    """Answer what a provider is told beforehand of whom it may send; it is checked afterwards."""
    if issuer != GOOGLE or not tenants:
        return {}
    return {"hd": tenants[0] if len(tenants) == 1 else "*"}


def _is_yes(value: object) -> bool:
    return type(value) in {bool, int, str} and value in _YES
