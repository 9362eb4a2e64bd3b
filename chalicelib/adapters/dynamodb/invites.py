"""Invites in DynamoDB: found by the digest of their secret, by their id, and by time."""

from collections.abc import Sequence

from chalicelib.adapters.dynamodb.apart import apart_fields, apart_of
from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import claim, invite_id_key, new, part
from chalicelib.adapters.dynamodb.layout import BY_TIME, DIRECTORY, Key, seconds_sk
from chalicelib.adapters.dynamodb.transactions import PRESENT, Update, Write, changing
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import AppId, InviteId, UserId, WorkspaceId, is_part
from chalicelib.domain.invites import NOBODY, Invite, InviteStatus, Redemption
from chalicelib.domain.sessions import Person

_BY_END = "INVITES"  # in `by_time`, of all workspaces, until they lapse
_BATCH = 100  # rows that are read at once
_WITHOUT_ADDRESS = (
    "wid",
    "id",
    "digest",
    "address",
    "app",
    "createdAt",
    "createdBy",
    "exp",
    "status",
    "redeemedBy",
)


class DynamoInvites:
    """Answers `InviteStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def add(self, invite: Invite, event: AuditEvent) -> None:
        self._tables.transact(
            [
                claim(invite_id_key(invite.workspace, invite.id), _claimed(invite)),
                new(_key(invite.workspace, invite.digest), _fields(invite)),
                audit_put(event),
            ]
        )

    def get(self, workspace: WorkspaceId, digest: str) -> Invite | None:
        if not is_part(workspace) or not is_part(digest):
            return None
        found = self._tables.get(_key(workspace, digest))
        return None if found is None else _invite_of(found)

    def named(self, workspace: WorkspaceId, invite: InviteId) -> Invite | None:
        if not is_part(workspace) or not is_part(invite):
            return None
        claimed = self._tables.get(invite_id_key(workspace, invite))
        return None if claimed is None else self.get(workspace, claimed["digest"])

    def of(self, workspace: WorkspaceId, *, before: str | None, limit: int) -> Sequence[Invite]:
        if not is_part(workspace):
            return []
        found = self._tables.query(
            DIRECTORY,
            "#timePK = :pk" + ("" if before is None else " AND #timeSK < :before"),
            {"pk": _time_pk(workspace), "before": before},
            index=BY_TIME,
            limit=limit,
            order="falling",
        )
        keys = [Key(DIRECTORY, item["PK"], item["SK"]) for item in found]
        rows = self._tables.get_all(keys) if keys else {}
        return [_invite_of(rows[key]) for key in keys if key in rows]

    def over(self, *, now: int, limit: int) -> Sequence[Invite]:
        found = self._tables.query(
            DIRECTORY,
            "#timePK = :pk AND #timeSK < :sk",
            {"pk": _BY_END, "sk": seconds_sk(now, "~")},
            index=BY_TIME,
            limit=limit,
        )
        claims = [Key(DIRECTORY, item["PK"], item["SK"]) for item in found]
        rows = self._all(claims, only=("digest",))
        keys = [_key(_workspace_in(row["PK"]), row["digest"]) for row in rows]
        return [_invite_of(row) for row in self._all(keys, only=_WITHOUT_ADDRESS)]

    def lapse(self, invite: Invite, event: AuditEvent | None) -> None:
        unlisted = Update(
            key=invite_id_key(invite.workspace, invite.id),
            change=f"REMOVE #{BY_TIME.pk}, #{BY_TIME.sk}",
            condition=PRESENT,
        )
        lapsed = Update(
            key=_key(invite.workspace, invite.digest),
            change="SET #address = :nobody REMOVE #email",
            condition="#status = :status",
            values={"nobody": NOBODY, "status": invite.status},
        )
        self._tables.transact(
            [
                unlisted,
                *([] if invite.status is InviteStatus.REDEEMED else [lapsed]),
                *([] if event is None else [audit_put(event)]),
            ]
        )

    def revoke(self, invite: Invite, event: AuditEvent) -> None:
        self._tables.transact([_ending(invite, invite.revoked()), audit_put(event)])

    def _all(self, keys: Sequence[Key], *, only: Sequence[str]) -> Sequence[Item]:
        pages = (keys[at : at + _BATCH] for at in range(0, len(keys), _BATCH))
        found = [(page, self._tables.get_all(page, only=only)) for page in pages]
        return [rows[key] for page, rows in found for key in page if key in rows]


def redeeming(redemption: Redemption, user: UserId) -> list[Write]:
    """Answer the writes by which an invite is used, for the transaction that makes the user."""
    invite, now = redemption.invite, redemption.event.at // 1_000
    return [_ending(invite, invite.redeemed(user), now=now), audit_put(redemption.event)]


def forgetting(person: Person, digest: str) -> Update:
    """Answer the write after which an invite says of nobody that they used it."""
    return Update(
        key=_key(person.workspace, digest),
        change="SET #address = :nobody REMOVE #redeemedBy",
        condition="#redeemedBy = :uid",
        values={"nobody": NOBODY, "uid": person.user},
    )


def _ending(before: Invite, after: Invite, *, now: int = 0) -> Update:
    changed: Fields = {
        "status": after.status,
        "redeemedBy": after.redeemed_by,
        "email": None,
    }
    return Update(
        key=_key(before.workspace, before.digest),
        change=changing(changed),
        condition="#status = :open AND #exp > :now",
        values={**changed, "open": InviteStatus.OPEN, "now": now},
    )


def _key(workspace: WorkspaceId, digest: str) -> Key:
    return Key(DIRECTORY, f"W#{part(workspace)}", f"INV#{part(digest)}")


def _time_pk(workspace: WorkspaceId) -> str:
    return f"W#{workspace}#INVITES"


def _claimed(invite: Invite) -> Fields:
    return {
        "digest": invite.digest,
        BY_TIME.pk: _BY_END,
        BY_TIME.sk: seconds_sk(invite.exp, f"{invite.workspace}#{invite.id}"),
    }


def _workspace_in(partition: str) -> WorkspaceId:
    return WorkspaceId(partition.split("#")[1])


def _fields(invite: Invite) -> Fields:
    return {
        "wid": invite.workspace,
        "id": invite.id,
        "digest": invite.digest,
        "address": invite.address,
        "app": invite.app,
        "createdAt": invite.created_at,
        "createdBy": invite.created_by,
        "exp": invite.exp,
        "status": invite.status,
        "email": None if invite.email is None else apart_fields(invite.email),
        "redeemedBy": invite.redeemed_by,
        BY_TIME.pk: _time_pk(invite.workspace),
        BY_TIME.sk: invite.position,
    }


def _invite_of(item: Item) -> Invite:
    workspace = WorkspaceId(item["wid"])
    return Invite(
        id=InviteId(item["id"]),
        workspace=workspace,
        digest=item["digest"],
        address=item["address"],
        created_at=item["createdAt"],
        created_by=UserId(item["createdBy"]),
        exp=item["exp"],
        email=apart_of(workspace, item["email"]) if "email" in item else None,
        app=AppId(item["app"]) if "app" in item else None,
        status=InviteStatus(item["status"]),
        redeemed_by=UserId(item["redeemedBy"]) if "redeemedBy" in item else None,
    )
