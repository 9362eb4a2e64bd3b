"""SAML responses in memory: what each would be found to say is set by the test."""

from dataclasses import dataclass, field

from chalicelib.adapters.descriptions import described
from chalicelib.domain.errors import UpstreamUnavailable
from chalicelib.domain.saml import Asserted, Description, Expected
from chalicelib.domain.vouching import Doubt


@dataclass
class MemoryAssertions:
    """Answers `Assertions`."""

    responses: dict[str, Asserted | Doubt | None] = field(default_factory=dict)
    expected: list[Expected] = field(default_factory=list)

    def describe(self, document: str) -> Description:
        return described(document)

    def read(self, response: str, expected: Expected) -> Asserted | Doubt | None:
        self.expected.append(expected)
        return self.responses.get(response, Doubt.MALFORMED)


@dataclass
class MemoryDocuments:
    """Answers `Documents`."""

    found: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def fetch(self, url: str) -> str:
        self.asked.append(url)
        if url not in self.found:
            raise UpstreamUnavailable("There is nothing.", why="answers with status 404")
        return self.found[url]
