"""Wire shapes of the secrets of applications that run on servers."""

from typing import Self

from pydantic import Field, JsonValue

from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.clients import ClientSecret
from chalicelib.services.client_secrets import Shown

_SHOWN: dict[str, JsonValue] = {"secretId": "sk7d2m4q6x3v5b2n4c6a7", "createdAt": 1_795_000_000}


class SecretOut(Wire):
    """The name of a secret, by which it is removed, and since when it is one."""

    model_config = shown(_SHOWN)

    secret_id: str = Field(alias="secretId")
    created_at: int = Field(alias="createdAt")

    @classmethod
    def of(cls, secret: ClientSecret) -> Self:
        """Answer a secret as it goes over the wire."""
        return cls(secret_id=secret.id, created_at=secret.created_at)


class NewSecretOut(SecretOut):
    """A new secret; nobody will be told it again."""

    model_config = shown({**_SHOWN, "secret": "sfs_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9JfZk3v0Qd1m2X8y7W"})

    secret: str = Field(repr=False)

    @classmethod
    def told(cls, new: Shown) -> Self:
        """Answer a new secret, this once."""
        return cls(secret_id=new.stored.id, created_at=new.stored.created_at, secret=new.text)


class SecretRemovedOut(Wire):
    """Which secret is none any more."""

    model_config = shown({"removed": True, "secretId": "sk7d2m4q6x3v5b2n4c6a7"})

    removed: bool
    secret_id: str = Field(alias="secretId")
