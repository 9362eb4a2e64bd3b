"""Objects in S3: sealed payloads that fit in no item, under keys that say nothing."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError

from chalicelib.domain.errors import Duplicate, NotFound, StoreUnavailable, Unopenable
from chalicelib.domain.ids import AppId, SessionId, UserId, WorkspaceId
from chalicelib.domain.objects import FOLDER, Listed, SealedObject, StoredObject, sha256
from chalicelib.domain.sessions import Partition, SessionRef

_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
# Who may not list a bucket is told that what is absent is forbidden; all else here is allowed.
_FORBIDDEN = frozenset({"AccessDenied", "403"})
_ABSENT = frozenset({"NoSuchKey", "NoSuchVersion", "404"}) | _FORBIDDEN


class S3Objects:
    """Answers the port `ObjectStore`; the bucket keeps versions."""

    def __init__(self, client: Callable[[], Any], *, bucket: str) -> None:
        """Take a client's maker, as few processes ever need one.

        `on_call` is where calls are counted.
        """
        self._client = client
        self._bucket = bucket
        self.on_call: Callable[[str, dict[str, object]], None] = _unseen

    def put(self, ref: SessionRef, key: str, body: bytes) -> str:
        answer = self._call(
            "put_object",
            Key=key,
            Body=body,
            Metadata=_words(ref),
            ContentType="application/octet-stream",
            # Said by us, so that the store refuses what arrives otherwise than it was sent.
            ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256(body))).decode(),
            ChecksumAlgorithm="SHA256",
            IfNoneMatch="*",
        )
        return str(answer["VersionId"])

    def get(self, ref: SessionRef, sealed: SealedObject) -> bytes:
        answer = self._call("get_object", Key=sealed.key, VersionId=sealed.object_version)
        if _ref(answer["Metadata"]) != ref:
            answer["Body"].close()
            raise NotFound("No object has that key.")
        # Nobody makes us read more than what was written.
        if answer["ContentLength"] != sealed.length:
            answer["Body"].close()
            raise Unopenable("An object differs from what was written.")
        with _translated():
            body: bytes = answer["Body"].read()
        if not sealed.is_of(body):
            raise Unopenable("An object differs from what was written.")
        return body

    def describe(self, key: str, version: str | None = None) -> StoredObject | None:
        wanted = {} if version is None else {"VersionId": version}
        try:
            answer = self._call("head_object", Key=key, ChecksumMode="ENABLED", **wanted)
        except NotFound as gone:
            # Who asks for a version may list, and must not take a missing right for a loss.
            if version is not None and _code(gone.__cause__) in _FORBIDDEN:
                raise StoreUnavailable("The store of large payloads refused to answer.") from gone
            return None
        ref, digest = _ref(answer["Metadata"]), answer.get("ChecksumSHA256")
        if ref is None or digest is None:
            return None
        return StoredObject(
            ref=ref,
            object_version=answer["VersionId"],
            length=answer["ContentLength"],
            sha256=base64.b64decode(digest).hex(),
        )

    def delete(self, key: str) -> None:
        self._call("delete_object", Key=key)

    def uncover(self, key: str) -> None:
        # Other keys that begin so sort behind this one, and it has far less than a page.
        listed = self._call("list_object_versions", Prefix=key)
        for marker in listed.get("DeleteMarkers", ()):
            # By its own id: a deletion that comes after this list stays one.
            if marker["Key"] == key:
                self._call("delete_object", Key=key, VersionId=marker["VersionId"])

    def pages(self, *, after: str) -> Iterator[Sequence[Listed]]:
        more: dict[str, object] = {"StartAfter": after}
        while more:
            page = self._call("list_objects_v2", Prefix=FOLDER, **more)
            yield [
                Listed(each["Key"], int(each["LastModified"].timestamp()))
                for each in page.get("Contents", ())
            ]
            token = page.get("NextContinuationToken")
            more = {"ContinuationToken": token} if token else {}

    def _call(self, operation: str, **arguments: object) -> Mapping[str, Any]:
        self.on_call(operation, arguments)
        with _translated():
            answer: Mapping[str, Any] = getattr(self._client(), operation)(
                Bucket=self._bucket, **arguments
            )
        return answer


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        _translate(error)
    except FlexibleChecksumError as error:
        raise Unopenable("An object differs from its checksum.") from error
    except BotoCoreError as error:
        raise StoreUnavailable("The store of large payloads did not answer.") from error


def _translate(error: ClientError) -> NoReturn:
    code = _code(error)
    if code in _TAKEN:
        raise Duplicate("An object has that key.") from error
    if code in _ABSENT and error.operation_name in {"GetObject", "HeadObject"}:
        raise NotFound("No object has that key.") from error
    raise StoreUnavailable("The store of large payloads did not answer.") from error


def _code(error: BaseException | None) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""


def _words(ref: SessionRef) -> dict[str, str]:
    partition = ref.partition
    return {
        "workspace": partition.workspace,
        "application": partition.app,
        "user": str(partition.user),
        "session": ref.sid,
    }


def _ref(words: Mapping[str, str]) -> SessionRef | None:
    try:
        return SessionRef(
            Partition(
                WorkspaceId(words["workspace"]),
                AppId(words["application"]),
                UserId(int(words["user"])),
            ),
            SessionId(words["session"]),
        )
    except (KeyError, ValueError):
        return None


def _unseen(operation: str, arguments: dict[str, object]) -> None:
    del operation, arguments
