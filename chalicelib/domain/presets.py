"""Presets: providers that many have, by what is filled in for them and what is left to say."""

from dataclasses import dataclass

from chalicelib.domain.tenants import GOOGLE


@dataclass(frozen=True, slots=True)
class Preset:
    """A known provider; what stands in braces in its issuer is the operator's own.

    `tenants` says what its tenants are, where it speaks for more than one.
    """

    name: str
    display_name: str
    issuer: str
    said: str
    tenants: str | None = None


PRESETS = (
    Preset(
        "google",
        "Google",
        GOOGLE,
        "People of the domains that are named as tenants; without one, anybody with a Google "
        "account. Addresses outside Gmail count only for accounts that a domain manages.",
        "Domains that Google manages for you (hd).",
    ),
    Preset(
        "entra",
        "Microsoft",
        "https://login.microsoftonline.com/{tenant}/v2.0",
        "Put your tenant id into the issuer. For several tenants write organizations there, and "
        "name each. Add the optional claim xms_edov: the email alone proves nothing.",
        "Tenant ids (tid), where the issuer says organizations or common.",
    ),
    Preset(
        "okta",
        "Okta",
        "https://{organisation}.okta.com",
        "The organisation's own address, or that of one of its authorization servers.",
    ),
)
