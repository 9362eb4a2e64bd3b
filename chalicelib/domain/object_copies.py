"""Copies of objects in a backup: ciphertext beside whose it is, as items like those of tables."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.backups import BackupRefused, Item
from chalicelib.domain.ids import AppId, SessionId, UserId, WorkspaceId
from chalicelib.domain.objects import sha256
from chalicelib.domain.sessions import Partition, SessionRef


@dataclass(frozen=True, slots=True)
class ObjectCopy:
    """One object as it is, sealed; it is restored under the same key for the same session."""

    ref: SessionRef
    key: str
    body: bytes = field(repr=False)

    def item(self) -> Item:
        """Answer the copy as a line of a backup."""
        partition = self.ref.partition
        return {
            "key": self.key,
            "workspace": partition.workspace,
            "application": partition.app,
            "user": partition.user,
            "session": self.ref.sid,
            "sha256": sha256(self.body),
            "body": base64.b64encode(self.body).decode(),
        }


def copy_of(item: Mapping[str, Any]) -> ObjectCopy:
    """Answer the copy that a line holds; raises `BackupRefused`."""
    try:
        partition = Partition(
            WorkspaceId(item["workspace"]), AppId(item["application"]), UserId(item["user"])
        )
        body = base64.b64decode(item["body"], validate=True)
        copy = ObjectCopy(SessionRef(partition, SessionId(item["session"])), item["key"], body)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise BackupRefused("A part does not hold copies of objects.") from error
    if sha256(body) != item.get("sha256"):
        raise BackupRefused(f"The copy of {copy.key} differs from its checksum.")
    return copy
