"""The stores that lie in DynamoDB's tables, each imported when it is first asked for."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.adapters.dynamodb.binding import Tables
    from chalicelib.domain.ports.activity import ActivityStore
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
    from chalicelib.domain.ports.records import AuditStore, TableDump
    from chalicelib.domain.ports.sessions import PayloadStore, ReceiptStore, SessionStore
    from chalicelib.domain.ports.surroundings import Clock
    from chalicelib.domain.ports.usage import UsageStore
    from chalicelib.domain.ports.visitors import VisitorStore

# Imports stand inside the properties so that a cold start pays only for what its route touches.


class TableStores(ABC):
    """One property per store; whoever completes it has the clock and the tables."""

    @property
    @abstractmethod
    def clock(self) -> "Clock":
        """Answer the clock that stores date their rows by."""

    @property
    @abstractmethod
    def tables(self) -> "Tables":
        """Answer the one connection to DynamoDB."""

    @cached_property
    def workspaces(self) -> "WorkspaceStore":
        from chalicelib.adapters.dynamodb.workspaces import DynamoWorkspaces

        return DynamoWorkspaces(self.tables, self.clock)

    @cached_property
    def members(self) -> "MemberStore":
        from chalicelib.adapters.dynamodb.members import DynamoMembers

        return DynamoMembers(self.tables, self.clock)

    @cached_property
    def applications(self) -> "ApplicationStore":
        from chalicelib.adapters.dynamodb.applications import DynamoApplications

        return DynamoApplications(self.tables, self.clock)

    @cached_property
    def users(self) -> "UserStore":
        from chalicelib.adapters.dynamodb.users import DynamoUsers

        return DynamoUsers(self.tables, self.clock)

    @cached_property
    def invites(self) -> "InviteStore":
        from chalicelib.adapters.dynamodb.invites import DynamoInvites

        return DynamoInvites(self.tables)

    @cached_property
    def visitors(self) -> "VisitorStore":
        from chalicelib.adapters.dynamodb.visitors import DynamoVisitors

        return DynamoVisitors(self.tables)

    @cached_property
    def keys(self) -> "KeyStore":
        from chalicelib.adapters.dynamodb.keys import DynamoKeys

        return DynamoKeys(self.tables)

    @cached_property
    def sessions(self) -> "SessionStore":
        from chalicelib.adapters.dynamodb.sessions import DynamoSessions

        return DynamoSessions(self.tables)

    @cached_property
    def payloads(self) -> "PayloadStore":
        from chalicelib.adapters.dynamodb.payloads import DynamoPayloads

        return DynamoPayloads(self.tables)

    @cached_property
    def usage(self) -> "UsageStore":
        from chalicelib.adapters.dynamodb.usage import DynamoUsage

        return DynamoUsage(self.tables)

    @cached_property
    def receipts(self) -> "ReceiptStore":
        from chalicelib.adapters.dynamodb.receipts import DynamoReceipts

        return DynamoReceipts(self.tables)

    @cached_property
    def login(self) -> "LoginStore":
        from chalicelib.adapters.dynamodb.login import DynamoLogin

        return DynamoLogin(self.tables, self.clock)

    @cached_property
    def factors(self) -> "FactorStore":
        from chalicelib.adapters.dynamodb.factors import DynamoFactors

        return DynamoFactors(self.tables, self.clock)

    @cached_property
    def passkeys(self) -> "PasskeyStore":
        from chalicelib.adapters.dynamodb.passkeys import DynamoPasskeys

        return DynamoPasskeys(self.tables, self.clock)

    @cached_property
    def devices(self) -> "DeviceStore":
        from chalicelib.adapters.dynamodb.devices import DynamoDevices

        return DynamoDevices(self.tables, self.clock)

    @cached_property
    def challenges(self) -> "ChallengeStore":
        from chalicelib.adapters.dynamodb.challenges import DynamoChallenges

        return DynamoChallenges(self.tables)

    @cached_property
    def refresh(self) -> "RefreshStore":
        from chalicelib.adapters.dynamodb.refresh import DynamoRefresh

        return DynamoRefresh(self.tables, self.clock)

    @cached_property
    def device_authorizations(self) -> "DeviceAuthorizationStore":
        from chalicelib.adapters.dynamodb.device_authorizations import DynamoDeviceAuthorizations

        return DynamoDeviceAuthorizations(self.tables, self.clock)

    @cached_property
    def pushed_requests(self) -> "PushedRequestStore":
        from chalicelib.adapters.dynamodb.pushed_requests import DynamoPushedRequests

        return DynamoPushedRequests(self.tables)

    @cached_property
    def replays(self) -> "ReplayStore":
        from chalicelib.adapters.dynamodb.replays import DynamoReplays

        return DynamoReplays(self.tables)

    @cached_property
    def erasures(self) -> "ErasureStore":
        from chalicelib.adapters.dynamodb.erasures import DynamoErasures

        return DynamoErasures(self.tables, self.clock)

    @cached_property
    def audit(self) -> "AuditStore":
        from chalicelib.adapters.dynamodb.audit import DynamoAudit

        return DynamoAudit(self.tables)

    @cached_property
    def activity(self) -> "ActivityStore":
        from chalicelib.adapters.dynamodb.activity import DynamoActivity

        return DynamoActivity(self.tables, self.clock)

    @cached_property
    def dump(self) -> "TableDump":
        from chalicelib.adapters.dynamodb.dump import DynamoDump

        return DynamoDump(self.tables)
