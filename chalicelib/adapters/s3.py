"""The vault: a bucket of backup objects, each written once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError

from chalicelib.domain.errors import Duplicate, NotFound, StoreUnavailable, Unopenable


class Body(Protocol):
    """The stream of an object's bytes."""

    def read(self) -> bytes:
        """Read to the end; raises when the checksum differs."""
        ...


class Paginator(Protocol):
    """Reads a long answer page by page."""

    def paginate(self, **request: object) -> Iterable[Mapping[str, Sequence[Mapping[str, str]]]]:
        """Answer the pages."""
        ...


class S3Client(Protocol):
    """The part of boto3's S3 client that the vault needs."""

    def put_object(self, **request: object) -> Mapping[str, object]:
        """Store an object."""
        ...

    def get_object(self, **request: object) -> Mapping[str, Body]:
        """Answer an object."""
        ...

    def get_paginator(self, name: str) -> Paginator:
        """Answer a reader of pages."""
        ...


class S3Vault:
    """Answers the port `BackupVault`."""

    def __init__(self, client: S3Client, *, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, name: str, body: bytes) -> None:
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=body,
                ChecksumAlgorithm="SHA256",
                IfNoneMatch="*",
            )
        except ClientError as error:
            if _code(error) in {"PreconditionFailed", "ConditionalRequestConflict"}:
                raise Duplicate("A backup object of that name exists.") from error
            raise _unavailable() from error
        except BotoCoreError as error:
            raise _unavailable() from error

    def get(self, name: str) -> bytes:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=name, ChecksumMode="ENABLED")
            return answer["Body"].read()
        except ClientError as error:
            if _code(error) == "NoSuchKey":
                raise NotFound("No backup object has that name.") from error
            raise _unavailable() from error
        except FlexibleChecksumError as error:
            raise Unopenable("A backup object differs from its checksum.") from error
        except BotoCoreError as error:
            raise _unavailable() from error

    def names(self, prefix: str) -> Sequence[str]:
        pages = self._client.get_paginator("list_objects_v2")
        try:
            return sorted(
                found["Key"]
                for page in pages.paginate(Bucket=self._bucket, Prefix=prefix)
                for found in page.get("Contents", ())
            )
        except (BotoCoreError, ClientError) as error:
            raise _unavailable() from error


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _unavailable() -> StoreUnavailable:
    return StoreUnavailable("The backup vault did not answer.")
