"""The adapters to providers elsewhere, each imported when it is first asked for."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.adapters.dynamodb.binding import Tables
    from chalicelib.domain.ports.surroundings import Clock
    from chalicelib.domain.ports.upstreams import (
        Assertions,
        Certificates,
        DetourStore,
        Documents,
        IdentityProviders,
        UpstreamStore,
    )

# What reads XML is a third of a package's size, and few deployments need it.
_OF_SAML = frozenset({"lxml", "signxml"})


class AwsElsewhere:
    """What sign-ins by somebody else's word stand on."""

    def __init__(
        self, tables: "Callable[[], Tables]", clock: "Clock", *, reaches_loopback: bool
    ) -> None:
        """Take the tables and the clock; nothing is imported or connected yet."""
        self._tables = tables
        self._clock = clock
        self._reaches_loopback = reaches_loopback

    @cached_property
    def upstreams(self) -> "UpstreamStore":
        from chalicelib.adapters.dynamodb.upstreams import DynamoUpstreams

        return DynamoUpstreams(self._tables())

    @cached_property
    def detours(self) -> "DetourStore":
        from chalicelib.adapters.dynamodb.detours import DynamoDetours

        return DynamoDetours(self._tables())

    @cached_property
    def identity_providers(self) -> "IdentityProviders":
        from chalicelib.adapters.identity_providers import HttpIdentityProviders

        return HttpIdentityProviders(clock=self._clock, reaches_loopback=self._reaches_loopback)

    @cached_property
    def certificates(self) -> "Certificates":
        from chalicelib.adapters.certificates import X509Certificates

        return X509Certificates()

    @cached_property
    def documents(self) -> "Documents":
        from chalicelib.adapters.web import Web

        return Web(clock=self._clock, reaches_loopback=self._reaches_loopback)

    @cached_property
    def assertions(self) -> "Assertions":
        from chalicelib.domain.errors import NotReady

        try:
            from chalicelib.adapters.assertions import SignedAssertions
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in _OF_SAML:
                raise
            raise NotReady(
                "This deployment was packaged without SAML: nobody signs in by this provider.",
                hint="Its operators package it with ./scripts/package --saml.",
            ) from error
        return SignedAssertions(clock=self._clock)
