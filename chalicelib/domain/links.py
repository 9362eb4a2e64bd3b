"""Links: by which provider elsewhere somebody is known here, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.domain.ids import digest
from chalicelib.domain.upstreams import Upstream


@dataclass(frozen=True, slots=True)
class Link:
    """A subject that a person claimed: the keyed hash of what a provider calls them.

    `issuer` is the provider's as it was chosen. Links of before these were kept have the subject
    alone.
    """

    subject: str = field(repr=False)
    provider: str | None = None
    issuer: str | None = None
    linked_at: int | None = None

    @property
    def id(self) -> str:
        """Answer what a link is called where the subject is nobody's business."""
        return digest(self.subject)

    def upstream(self, chosen: Sequence[Upstream]) -> Upstream | None:
        """Answer by which upstream of those this link lets somebody in: whose issuer it is."""
        same = [each for each in chosen if each.issuer == self.issuer]
        return next((each for each in same if each.name == self.provider), next(iter(same), None))
