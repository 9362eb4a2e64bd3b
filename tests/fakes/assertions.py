"""SAML responses in memory: what each would be found to say is set by the test."""

from dataclasses import dataclass, field

from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.saml import Asserted, Expected
from chalicelib.domain.vouching import Doubt


@dataclass
class MemoryAssertions:
    """Answers `Assertions`."""

    responses: dict[str, Asserted | Doubt | None] = field(default_factory=dict)
    expected: list[Expected] = field(default_factory=list)

    def certificate(self, text: str) -> str:
        lines = (line.strip() for line in text.splitlines())
        body = "".join(line for line in lines if not line.startswith("-----"))
        if not body.startswith("MII"):
            raise InvalidInput("That certificate cannot be used.", Fault("/certificates", "none"))
        return body

    def read(self, response: str, expected: Expected) -> Asserted | Doubt | None:
        self.expected.append(expected)
        return self.responses.get(response, Doubt.MALFORMED)
