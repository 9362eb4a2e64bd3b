"""Descriptions of SAML providers: as operators give them, and how long their certificates last."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from chalicelib.domain.errors import Fault, InvalidInput, NotReady, UpstreamUnavailable
from chalicelib.domain.limits import MAX_CERTIFICATES
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.ports.upstreams import Assertions, Certificates, Documents
from chalicelib.domain.saml import Certificate, Description, warnings_of
from chalicelib.domain.upstreams import entity_name_of, sso_url_of


class SamlDescriptions:
    """What an operator says of a provider, or lets the provider say of itself."""

    def __init__(
        self,
        *,
        clock: Clock,
        assertions: Callable[[], Assertions],
        certificates: Certificates,
        documents: Documents,
    ) -> None:
        """Take the ports; what reads SAML is asked for where there is one."""
        self._clock = clock
        self._assertions = assertions
        self._certificates = certificates
        self._documents = documents

    def typed(self, description: Description) -> Description:
        """Answer a description as it is kept; raises `InvalidInput` or `NotReady`."""
        self._assertions()
        found: list[Certificate] = []
        for number, text in enumerate(description.certificates):
            place = f"/certificates/{number}"
            try:
                found.append(self._certificates.read(text))
            except InvalidInput as error:
                raise _elsewhere(error, place) from None
            if found[-1].until <= self._clock.now():
                fault = Fault(place, "one that has not expired")
                raise InvalidInput("That certificate cannot be used.", fault)
        return _with(description, found)

    def given(self, document: str) -> Description:
        """Answer what a document says; raises `InvalidInput` or `NotReady`.

        Whoever changes certificates describes the old ones beside the new, so one that cannot be
        used is left out.
        """
        found = self._assertions().describe(document)
        try:
            entity_name_of(found.issuer)
            sso_url_of(found.sso_url)
        except InvalidInput as error:
            raise _elsewhere(error, "/metadata") from None
        known = [one for one in map(self._usable, found.certificates) if one is not None]
        if not 0 < len(known) <= MAX_CERTIFICATES:
            fault = f"1 to {MAX_CERTIFICATES} certificates for signatures that have not expired"
            raise InvalidInput("That description cannot be used.", Fault("/metadata", fault))
        return _with(found, known)

    def fetched(self, url: str) -> Description:
        """Answer what the document at an address says, as `given` does."""
        self._assertions()
        try:
            return self.given(self._documents.fetch(url))
        except UpstreamUnavailable as error:
            fault = Fault("/metadataUrl", error.why)
            raise InvalidInput("Nothing describes a provider there.", fault) from error
        except InvalidInput as error:
            raise _elsewhere(error, "/metadataUrl") from None

    def ends(self, certificates: Sequence[str]) -> Sequence[int]:
        """Answer when each of the certificates of a provider expires."""
        return [self._certificates.read(each).until for each in certificates]

    def warnings(self, certificates: Sequence[str]) -> list[str]:
        """Answer what whoever chose the provider should know of them."""
        return warnings_of(self.ends(certificates), now=self._clock.now())

    def demand_valid(self, certificates: Sequence[str]) -> None:
        """Raise `NotReady` where nothing that a provider signs would be believed."""
        now = self._clock.now()
        if not any(self._certificates.read(each).is_valid(now) for each in certificates):
            raise NotReady(
                "The certificates of this provider have expired: nobody signs in by it.",
                hint="Whoever chose it chooses it again, with those that it signs with now.",
            )

    def _usable(self, text: str) -> Certificate | None:
        with suppress(InvalidInput):
            found = self._certificates.read(text)
            if found.until > self._clock.now():
                return found
        return None


def _with(description: Description, certificates: Sequence[Certificate]) -> Description:
    bodies = dict.fromkeys(one.body for one in certificates)
    return replace(description, certificates=tuple(bodies))


def _elsewhere(error: InvalidInput, pointer: str) -> InvalidInput:
    return InvalidInput(error.detail, *(replace(each, pointer=pointer) for each in error.faults))
