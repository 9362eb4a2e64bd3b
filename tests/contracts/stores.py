"""The stores of sessions, payloads, keys and audit on one backend, with their neighbours."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from chalicelib.adapters.clients import Clients
from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamodb.applications import DynamoApplications
from chalicelib.adapters.dynamodb.audit import DynamoAudit
from chalicelib.adapters.dynamodb.binding import Connection, Tables
from chalicelib.adapters.dynamodb.challenges import DynamoChallenges
from chalicelib.adapters.dynamodb.connections import plain, short
from chalicelib.adapters.dynamodb.detours import DynamoDetours
from chalicelib.adapters.dynamodb.device_authorizations import DynamoDeviceAuthorizations
from chalicelib.adapters.dynamodb.devices import DynamoDevices
from chalicelib.adapters.dynamodb.erasures import DynamoErasures
from chalicelib.adapters.dynamodb.factors import DynamoFactors
from chalicelib.adapters.dynamodb.invites import DynamoInvites
from chalicelib.adapters.dynamodb.keys import DynamoKeys
from chalicelib.adapters.dynamodb.layout import SESSIONS, Key, person_pk, quota_key, user_keys_key
from chalicelib.adapters.dynamodb.login import DynamoLogin
from chalicelib.adapters.dynamodb.members import DynamoMembers
from chalicelib.adapters.dynamodb.passkeys import DynamoPasskeys
from chalicelib.adapters.dynamodb.payloads import DynamoPayloads
from chalicelib.adapters.dynamodb.pushed_requests import DynamoPushedRequests
from chalicelib.adapters.dynamodb.receipts import DynamoReceipts
from chalicelib.adapters.dynamodb.refresh import DynamoRefresh
from chalicelib.adapters.dynamodb.replays import DynamoReplays
from chalicelib.adapters.dynamodb.sessions import DynamoSessions
from chalicelib.adapters.dynamodb.transactions import Update
from chalicelib.adapters.dynamodb.upstreams import DynamoUpstreams
from chalicelib.adapters.dynamodb.usage import DynamoUsage
from chalicelib.adapters.dynamodb.users import DynamoUsers
from chalicelib.adapters.dynamodb.visitors import DynamoVisitors
from chalicelib.adapters.dynamodb.workspaces import DynamoWorkspaces
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import (
    AppId,
    UserId,
    WorkspaceId,
    digest,
    new_secret,
    new_user_id,
    new_workspace_id,
)
from chalicelib.domain.keys import UserKeys
from chalicelib.domain.payloads import SealedPayload
from chalicelib.domain.ports.device_authorizations import DeviceAuthorizationStore
from chalicelib.domain.ports.devices import DeviceStore
from chalicelib.domain.ports.directory import (
    ApplicationStore,
    KeyStore,
    MemberStore,
    UserStore,
    WorkspaceStore,
)
from chalicelib.domain.ports.erasures import ErasureStore
from chalicelib.domain.ports.factors import FactorStore
from chalicelib.domain.ports.invites import InviteStore
from chalicelib.domain.ports.login import (
    ChallengeStore,
    LoginStore,
    PushedRequestStore,
    RefreshStore,
    ReplayStore,
)
from chalicelib.domain.ports.passkeys import PasskeyStore
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.sessions import Extras, PayloadStore, ReceiptStore, SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.ports.upstreams import DetourStore, UpstreamStore
from chalicelib.domain.ports.usage import UsageStore
from chalicelib.domain.ports.visitors import VisitorStore
from chalicelib.domain.quotas import QuotaKind
from chalicelib.domain.sessions import Head, Partition, Person, SessionRef
from chalicelib.domain.users import User, UserStatus
from tests.builders import NOW, some_event, some_head, some_payload, some_sealed
from tests.engines import Engine
from tests.fakes.applications import MemoryApplications
from tests.fakes.audit import MemoryAudit
from tests.fakes.challenges import MemoryChallenges
from tests.fakes.detours import MemoryDetours
from tests.fakes.device_authorizations import MemoryDeviceAuthorizations
from tests.fakes.devices import MemoryDevices
from tests.fakes.erasures import MemoryErasures
from tests.fakes.factors import MemoryFactors
from tests.fakes.invites import MemoryInvites
from tests.fakes.keys import MemoryKeys
from tests.fakes.login import MemoryLogin
from tests.fakes.members import MemoryMembers
from tests.fakes.passkeys import MemoryPasskeys
from tests.fakes.payloads import MemoryPayloads
from tests.fakes.pushed_requests import MemoryPushedRequests
from tests.fakes.receipts import MemoryReceipts
from tests.fakes.refresh import MemoryRefresh
from tests.fakes.replays import MemoryReplays
from tests.fakes.sessions import MemorySessions
from tests.fakes.upstreams import MemoryUpstreams
from tests.fakes.usage import MemoryUsage
from tests.fakes.users import MemoryUsers
from tests.fakes.visitors import MemoryVisitors
from tests.fakes.workspaces import MemoryWorkspaces

DAY = "20270115"  # of builders.NOW
PLENTY = 1_000


Neighbour = Callable[[Partition], Partition]

next_door = pytest.mark.parametrize(
    "neighbour",
    [
        pytest.param(lambda p: replace(p, workspace=new_workspace_id()), id="workspace"),
        pytest.param(lambda p: replace(p, app=AppId("other")), id="app"),
        pytest.param(lambda p: replace(p, app=AppId(p.app + "-2")), id="longer-app"),
        pytest.param(lambda p: replace(p, app=AppId(p.app[:-1])), id="shorter-app"),
        pytest.param(lambda p: replace(p, user=new_user_id()), id="user"),
        pytest.param(lambda p: replace(p, user=UserId(p.user // 10 + 10**15)), id="similar-user"),
    ],
)


@dataclass(frozen=True, slots=True)
class Stores:
    """Stores that share one backend; `count` reads a shard of the counter of live sessions."""

    sessions: SessionStore
    payloads: PayloadStore
    receipts: ReceiptStore
    keys: KeyStore
    audit: AuditStore
    workspaces: WorkspaceStore
    upstreams: UpstreamStore
    invites: InviteStore
    visitors: VisitorStore
    applications: ApplicationStore
    users: UserStore
    members: MemberStore
    login: LoginStore
    challenges: ChallengeStore
    devices: DeviceStore
    factors: FactorStore
    refresh: RefreshStore
    device_authorizations: DeviceAuthorizationStore
    pushed_requests: PushedRequestStore
    replays: ReplayStore
    passkeys: PasskeyStore
    detours: DetourStore
    usage: UsageStore
    erasures: ErasureStore
    count: Callable[[WorkspaceId, int], int]
    uncount: Callable[[Partition], None]
    hold: Callable[[Person], None]

    def add(self, head: Head | None = None, *, with_payload: bool = True) -> Head:
        """Create a session as the newest of its partition."""
        made = some_head() if head is None else head
        self.sessions.create(
            made,
            payload=some_payload(made.ref) if with_payload else None,
            latest=self.sessions.latest(made.ref.partition),
            shard_limit=PLENTY,
            event=some_event(made.ref),
        )
        return made

    def add_person(self, person: Person, keys: UserKeys) -> None:
        """Create a user with these keys."""
        user = User(person, UserStatus.ACTIVE, some_sealed(), password=None, created_at=NOW)
        event = some_event(person.workspace)
        self.users.create(user, address=digest(new_secret()), keys=keys, event=event)

    def there(self, ref: SessionRef) -> Head:
        """Answer a head that must be there."""
        head = self.sessions.head(ref)
        assert head is not None
        return head

    def payload(self, ref: SessionRef) -> SealedPayload | None:
        """Answer the stored payload of a session."""
        return self.payloads.fetch(ref, Extras()).payload

    def events(self, ref: SessionRef) -> Sequence[AuditEvent]:
        """Answer what was recorded of a session's workspace, in the order of the ids."""
        return self.audit.of_day(ref.partition.workspace, DAY)

    def counted(self, head: Head) -> int:
        """Answer where the counter of a head's shard stands."""
        return self.count(head.ref.partition.workspace, head.quota_shard)


def memory_stores() -> Stores:
    """Answer the fakes."""
    audit = MemoryAudit()
    keys = MemoryKeys(audit)
    members = MemoryMembers(audit)
    workspaces = MemoryWorkspaces(audit=audit, keys=keys, members=members)
    applications = MemoryApplications(audit)
    invites, visitors = MemoryInvites(audit), MemoryVisitors()
    sessions = MemorySessions(
        audit=audit, keys=keys, workspaces=workspaces, applications=applications
    )
    users = MemoryUsers(audit=audit, keys=keys, invites=invites, visitors=visitors)
    login = MemoryLogin(audit)
    refresh, devices = MemoryRefresh(), MemoryDevices(audit)
    passkeys, factors = MemoryPasskeys(audit), MemoryFactors(audit)
    erasures = MemoryErasures(
        audit=audit,
        users=users,
        keys=keys,
        sessions=sessions,
        login=login,
        refresh=refresh,
        devices=devices,
        passkeys=passkeys,
        factors=factors,
        invites=invites,
        visitors=visitors,
    )
    return Stores(
        sessions=sessions,
        payloads=MemoryPayloads(sessions),
        receipts=MemoryReceipts(sessions),
        keys=keys,
        audit=audit,
        workspaces=workspaces,
        upstreams=MemoryUpstreams(audit),
        invites=invites,
        visitors=visitors,
        applications=applications,
        users=users,
        members=members,
        login=login,
        device_authorizations=MemoryDeviceAuthorizations(audit, login),
        challenges=MemoryChallenges(),
        devices=devices,
        factors=factors,
        refresh=refresh,
        pushed_requests=MemoryPushedRequests(),
        replays=MemoryReplays(),
        passkeys=passkeys,
        detours=MemoryDetours(),
        usage=MemoryUsage(sessions),
        erasures=erasures,
        count=lambda workspace, shard: sessions.counts[workspace, shard],
        uncount=sessions.uncount,
        hold=erasures.hold,
    )


def dynamo_stores(tables: Tables, clock: Clock) -> Stores:
    """Answer the adapters over the tables of one stage."""

    def count(workspace: WorkspaceId, shard: int) -> int:
        item = tables.get(quota_key(workspace, QuotaKind.SESSIONS, shard))
        return 0 if item is None else int(item["count"])

    def uncount(partition: Partition) -> None:
        key = Key(SESSIONS, person_pk(partition.person), f"L#{partition.app}")
        tables.update(Update(key=key, change="REMOVE #live"), answer="ALL_OLD")

    def hold(person: Person) -> None:
        change = Update(key=user_keys_key(person), change="SET #hold = :id", values={"id": "h1"})
        tables.update(change, answer="ALL_OLD")

    return Stores(
        sessions=DynamoSessions(tables),
        payloads=DynamoPayloads(tables),
        receipts=DynamoReceipts(tables),
        keys=DynamoKeys(tables),
        audit=DynamoAudit(tables),
        workspaces=DynamoWorkspaces(tables, clock),
        upstreams=DynamoUpstreams(tables),
        invites=DynamoInvites(tables),
        visitors=DynamoVisitors(tables),
        applications=DynamoApplications(tables, clock),
        users=DynamoUsers(tables, clock),
        members=DynamoMembers(tables, clock),
        login=DynamoLogin(tables, clock),
        challenges=DynamoChallenges(tables),
        devices=DynamoDevices(tables, clock),
        factors=DynamoFactors(tables, clock),
        refresh=DynamoRefresh(tables, clock),
        device_authorizations=DynamoDeviceAuthorizations(tables, clock),
        pushed_requests=DynamoPushedRequests(tables),
        replays=DynamoReplays(tables),
        passkeys=DynamoPasskeys(tables, clock),
        detours=DynamoDetours(tables),
        usage=DynamoUsage(tables),
        erasures=DynamoErasures(tables, clock),
        count=count,
        uncount=uncount,
        hold=hold,
    )


def over_botocore(clients: Clients) -> Connection:
    """Connect with botocore's whole client, which is the reference."""
    return plain(clients)


def over_transport(clients: Clients) -> Connection:
    """Connect as the functions do."""
    return short(clients, pause=SystemClock().pause)


@contextmanager
def bound(
    engine: Engine, connect: Callable[[Clients], Connection] = over_transport
) -> Iterator[Tables]:
    """Answer the tables of a fresh stage; the endpoint is found as in production."""
    stage = engine.fresh_tables()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.dynamodb_endpoint)
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield Tables(stage=stage, connection=connect(Clients()), pause=SystemClock().pause)
