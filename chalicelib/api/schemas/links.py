"""Wire shapes of the providers elsewhere by which a person signs in."""

from collections.abc import Iterable
from typing import Self

from pydantic import Field

from chalicelib.api.schemas.session import Wire, shown
from chalicelib.services.own_links import Linked

_LINK: dict[str, str | int] = {
    "id": "Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9JfZk3v0Qd1m2X8y7W",
    "name": "google",
    "displayName": "Google",
    "linkedAt": 1_800_000_000,
}


class LinkOut(Wire):
    """A provider that vouches for a person; nothing of what it calls them.

    `name` and `linkedAt` (epoch seconds) are null where they were not kept.
    """

    model_config = shown({**_LINK})

    id: str
    name: str | None
    display_name: str = Field(alias="displayName")
    linked_at: int | None = Field(alias="linkedAt")

    @classmethod
    def of(cls, linked: Linked) -> Self:
        """Answer a link as the page reads it."""
        link = linked.link
        return cls(
            id=link.id,
            name=link.provider,
            display_name=linked.called,
            linked_at=link.linked_at,
        )


class LinksOut(Wire):
    """All providers that vouch for a person, the oldest first."""

    model_config = shown({"identityProviders": [{**_LINK}]})

    identity_providers: list[LinkOut] = Field(alias="identityProviders")

    @classmethod
    def of(cls, linked: Iterable[Linked]) -> Self:
        """Answer links as the page reads them."""
        return cls(identity_providers=[LinkOut.of(each) for each in linked])
