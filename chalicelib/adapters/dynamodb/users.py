"""Users in DynamoDB, with the claims of their addresses."""

from collections.abc import Sequence
from contextlib import suppress

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import address_key, claim, new, settle, subject_key
from chalicelib.adapters.dynamodb.invites import redeeming
from chalicelib.adapters.dynamodb.keys import user_keys_put
from chalicelib.adapters.dynamodb.layout import BY_TIME, profile_key, seconds_sk
from chalicelib.adapters.dynamodb.sealed import sealed_fields, sealed_of
from chalicelib.adapters.dynamodb.transactions import PRESENT, Delete, Put, Update, changing
from chalicelib.adapters.dynamodb.visitors import awaited_key, awaited_put
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import UserId, WorkspaceId, is_part
from chalicelib.domain.invites import Redemption
from chalicelib.domain.keys import Sealed, UserKeys
from chalicelib.domain.links import Link
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User, UserKind, UserStatus
from chalicelib.domain.visitors import Awaited


class DynamoUsers:
    """Answers `UserStore`."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        """Take the tables, and the clock for the pause after a collision."""
        self._tables = tables
        self._clock = clock

    def create(
        self,
        user: User,
        *,
        address: str | None,
        keys: UserKeys,
        event: AuditEvent,
        link: Link | None = None,
        redemption: Redemption | None = None,
        awaited: Awaited | None = None,
    ) -> None:
        person = user.person
        redeemed = [] if redemption is None else redeeming(redemption, person.user)
        claims = [] if link is None else [_subject_claim(person, link)]
        if address is not None:
            claims.append(_address_claim(person, address))
        settle(
            self._tables,
            self._clock,
            *claims,
            new(
                profile_key(person),
                {
                    "wid": person.workspace,
                    "uid": person.user,
                    "status": user.status,
                    # Rows of before there were visitors have none, and are accounts.
                    "kind": user.kind if user.is_visitor else None,
                    "profile": sealed_fields(user.profile),
                    "password": user.password,
                    "subjects": None if link is None else [link.subject],
                    "invite": None if redemption is None else redemption.invite.digest,
                    "createdAt": user.created_at,
                    BY_TIME.pk: f"W#{person.workspace}#USERS",
                    BY_TIME.sk: seconds_sk(user.created_at, str(person.user)),
                },
            ),
            user_keys_put(keys),
            audit_put(event),
            *redeemed,
            *([] if awaited is None else [awaited_put(awaited)]),
        )

    def upgrade(
        self,
        before: User,
        after: User,
        *,
        address: str,
        event: AuditEvent,
        redemption: Redemption | None = None,
    ) -> None:
        person = before.person
        changed: Fields = {
            "profile": sealed_fields(after.profile),
            "password": after.password,
            "invite": None if redemption is None else redemption.invite.digest,
            "kind": None,
        }
        stood: Fields = {
            "was": before.kind,
            "status": before.status,
            "before": sealed_fields(before.profile),
        }
        settle(
            self._tables,
            self._clock,
            _address_claim(person, address),
            Update(
                key=profile_key(person),
                change=changing(changed),
                condition="#kind = :was AND #status = :status AND #profile = :before",
                values={**changed, **stood},
            ),
            # Whoever has an account is waited for no more.
            Delete(key=awaited_key(person)),
            audit_put(event),
            *([] if redemption is None else redeeming(redemption, person.user)),
        )

    def get(self, person: Person) -> User | None:
        found = self._tables.get(profile_key(person))
        return None if found is None else _user_of(found)

    def find(self, workspace: WorkspaceId, address: str) -> UserId | None:
        if not is_part(workspace) or not is_part(address):
            return None
        claimed = self._tables.get(address_key(workspace, address))
        return None if claimed is None else UserId(claimed["uid"])

    def link(self, person: Person, link: Link, event: AuditEvent) -> None:
        settle(
            self._tables,
            self._clock,
            _subject_claim(person, link),
            Update(
                key=profile_key(person),
                # Who erases a person has to know which claims are theirs.
                change="SET #subjects = list_append(if_not_exists(#subjects, :none), :subject)",
                condition=f"{PRESENT} AND #status <> :erasing",
                values={"subject": [link.subject], "none": [], "erasing": UserStatus.ERASING},
            ),
            audit_put(event),
        )

    def linked(self, workspace: WorkspaceId, subject: str) -> UserId | None:
        if not is_part(workspace) or not is_part(subject):
            return None
        claimed = self._tables.get(subject_key(workspace, subject))
        return None if claimed is None else UserId(claimed["uid"])

    def unlink(
        self, person: Person, link: Link, event: AuditEvent, *, among: Sequence[Link]
    ) -> None:
        before = [each.subject for each in among]
        # Nobody who is known nowhere has a list of it: so it is of people who never were.
        after = [each for each in before if each != link.subject] or None
        settle(
            self._tables,
            self._clock,
            Delete(
                key=subject_key(person.workspace, link.subject),
                condition="#uid = :uid",
                values={"uid": person.user},
            ),
            Update(
                key=profile_key(person),
                change=changing({"subjects": after}),
                condition="#subjects = :before AND #status <> :erasing",
                values={"subjects": after, "before": before, "erasing": UserStatus.ERASING},
            ),
            audit_put(event),
        )

    def links(self, person: Person) -> Sequence[Link]:
        found = self._tables.get(profile_key(person)) or {}
        subjects: list[str] = found.get("subjects", [])
        claimed = [
            (each, self._tables.get(subject_key(person.workspace, each))) for each in subjects
        ]
        return [_link_of(subject, item or {}) for subject, item in claimed]

    def change_profile(
        self, person: Person, *, before: Sealed, after: Sealed, event: AuditEvent
    ) -> None:
        change = Update(
            key=profile_key(person),
            change="SET #profile = :after",
            condition="#profile = :before",
            values={"before": sealed_fields(before), "after": sealed_fields(after)},
        )
        settle(self._tables, self._clock, change, audit_put(event))

    def change_password(
        self, person: Person, *, before: str | None, after: str, event: AuditEvent
    ) -> None:
        stands = "attribute_not_exists(#password)" if before is None else "#password = :before"
        change = Update(
            key=profile_key(person),
            change="SET #password = :after",
            condition=f"{PRESENT} AND {stands}",
            values={"before": before, "after": after},
        )
        settle(self._tables, self._clock, change, audit_put(event))

    def change_address(
        self, before: User, profile: Sealed, *, old: str, new: str, event: AuditEvent
    ) -> None:
        person = before.person
        settle(
            self._tables,
            self._clock,
            _address_claim(person, new),
            Delete(
                key=address_key(person.workspace, old),
                condition="#uid = :uid",
                values={"uid": person.user},
            ),
            Update(
                key=profile_key(person),
                change="SET #profile = :after",
                condition="#profile = :before",
                values={"before": sealed_fields(before.profile), "after": sealed_fields(profile)},
            ),
            audit_put(event),
        )

    def rehash(self, person: Person, *, before: str, after: str) -> None:
        with suppress(Stale):
            self._tables.update(
                Update(
                    key=profile_key(person),
                    change="SET #password = :after",
                    condition="#password = :before",
                    values={"before": before, "after": after},
                ),
                answer="ALL_NEW",
            )


def _address_claim(person: Person, address: str) -> Put:
    return claim(address_key(person.workspace, address), {"uid": person.user})


def _subject_claim(person: Person, link: Link) -> Put:
    known: Fields = {"provider": link.provider, "issuer": link.issuer, "linkedAt": link.linked_at}
    return claim(subject_key(person.workspace, link.subject), {"uid": person.user, **known})


def _link_of(subject: str, item: Item) -> Link:
    return Link(subject, item.get("provider"), item.get("issuer"), item.get("linkedAt"))


def _user_of(item: Item) -> User:
    return User(
        person=Person(WorkspaceId(item["wid"]), UserId(item["uid"])),
        status=UserStatus(item["status"]),
        profile=sealed_of(item["profile"]),
        password=item.get("password"),
        created_at=item["createdAt"],
        is_vouched_for=bool(item.get("subjects")),
        kind=UserKind(item.get("kind", UserKind.ACCOUNT)),
    )
