"""Key pairs: makes those in KMS by which tokens are signed."""

from dataclasses import replace
from typing import Protocol, cast

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.signing import KmsClient, KmsSignatures
from chalicelib.domain.errors import KmsUnavailable
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.tokens import KeyState, SigningAlg, SigningKey

_SPECS = {SigningAlg.ES256: "ECC_NIST_P256", SigningAlg.RS256: "RSA_2048"}


class Maker(KmsClient, Protocol):
    """The part of boto3's KMS client that makes keys."""

    def create_key(self, **request: object) -> dict[str, object]:
        """Make a key."""
        ...

    def create_alias(self, **request: object) -> dict[str, object]:
        """Give a key a name."""
        ...


class KmsKeyPairs:
    """Answers the port `KeyPairs`; the functions may sign with what `alias` and a kid name."""

    def __init__(self, client: Maker, *, clock: Clock, stage: str, alias: str) -> None:
        self._client = client
        self._signatures = KmsSignatures(client, clock=clock)
        self._clock = clock
        self._stage = stage
        self._alias = alias

    def make(self, alg: SigningAlg) -> SigningKey:
        try:
            made = self._client.create_key(
                Description=f"secureflows {self._stage} - signs tokens ({alg})",
                KeySpec=_SPECS[alg],
                KeyUsage="SIGN_VERIFY",
            )
            arn = cast("dict[str, str]", made["KeyMetadata"])["Arn"]
            pair = self._signatures.key_pair(arn)
            self._client.create_alias(AliasName=self._alias + pair.kid, TargetKeyId=arn)
        except (BotoCoreError, ClientError) as error:
            raise KmsUnavailable(f"The key service made no key: {error}") from error
        return replace(pair, state=KeyState.NEXT, published_at=self._clock.now())
