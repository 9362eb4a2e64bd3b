"""Wire shapes of sign-ins by a provider elsewhere."""

from typing import Self

from pydantic import Field, JsonValue

from chalicelib.api.schemas.login import REQUEST, OfferOut, StepIn
from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.upstreams import Upstream
from chalicelib.services.federated import Unlinked

_EMAIL = "mira@acme.example"
_OFFER: JsonValue = {"name": "acme", "displayName": "Acme"}


class RouteIn(StepIn):
    """An address, whose domain may belong to a provider."""

    model_config = shown({"request": REQUEST, "email": _EMAIL})

    email: str = Field(max_length=400)


class SsoIn(StepIn):
    """The provider by which a person wants to sign in, and the address that they typed."""

    model_config = shown({"request": REQUEST, "provider": "acme", "email": _EMAIL})

    provider: str = Field(max_length=40)
    email: str | None = Field(default=None, max_length=400)


class RouteOut(Wire):
    """The provider of an address's domain, if one has it."""

    model_config = shown({"provider": _OFFER})

    provider: OfferOut | None

    @classmethod
    def of(cls, upstream: Upstream | None) -> Self:
        """Answer where people are sent."""
        return cls(provider=None if upstream is None else OfferOut.of(upstream))


class UnlinkedAccountOut(Wire):
    """The account to sign in to, and by whose word."""

    email: str = Field(repr=False)
    display_name: str = Field(alias="displayName")


class UnlinkedOut(Wire):
    """The address has an account; its owner signs in to it once before the provider counts."""

    model_config = shown({"unlinked": {"email": _EMAIL, "displayName": "Acme"}})

    unlinked: UnlinkedAccountOut

    @classmethod
    def of(cls, unlinked: Unlinked) -> Self:
        """Answer what has to come first."""
        return cls(
            unlinked=UnlinkedAccountOut(email=unlinked.email, display_name=unlinked.display_name)
        )


class LinkedOut(Wire):
    """The name of the provider by which the person can sign in from now on."""

    model_config = shown({"linked": "Acme"})

    linked: str
