"""Every port answered in memory, so that a whole deployment fits into a test."""

from functools import cached_property

from chalicelib.adapters.addresses import EmailAddresses
from chalicelib.adapters.certificates import X509Certificates
from chalicelib.adapters.key_pairs import KmsKeyPairs
from chalicelib.adapters.one_time_codes import PyOtpCodes
from chalicelib.adapters.passkeys import WebAuthnCeremonies
from chalicelib.adapters.proofs import JwsProofs
from chalicelib.adapters.schemas import JsonSchemas
from chalicelib.adapters.sealing import EnvelopeCipher
from chalicelib.domain.backups import BackupKind
from chalicelib.domain.errors import NotReady
from chalicelib.domain.ports.records import BackupVault
from tests.fakes.activity import MemoryActivity
from tests.fakes.applications import MemoryApplications
from tests.fakes.assertions import MemoryAssertions, MemoryDocuments
from tests.fakes.audit import MemoryAudit
from tests.fakes.challenges import MemoryChallenges
from tests.fakes.crypto import LocalSignatures, MemoryRootKey
from tests.fakes.detours import MemoryDetours
from tests.fakes.device_authorizations import MemoryDeviceAuthorizations
from tests.fakes.devices import MemoryDevices
from tests.fakes.dump import MemoryDump
from tests.fakes.erasures import MemoryErasures
from tests.fakes.factors import MemoryFactors
from tests.fakes.identity_providers import MemoryIdentityProviders
from tests.fakes.invites import MemoryInvites
from tests.fakes.keys import MemoryKeys
from tests.fakes.login import MemoryLogin
from tests.fakes.members import MemoryMembers
from tests.fakes.objects import MemoryObjects
from tests.fakes.passkeys import MemoryPasskeys
from tests.fakes.payloads import MemoryPayloads
from tests.fakes.pushed_requests import MemoryPushedRequests
from tests.fakes.receipts import MemoryReceipts
from tests.fakes.refresh import MemoryRefresh
from tests.fakes.replays import MemoryReplays
from tests.fakes.sessions import MemorySessions
from tests.fakes.surroundings import CheapPasswords, FakeClock, MemoryMailer, MemoryVault
from tests.fakes.upstreams import MemoryUpstreams
from tests.fakes.usage import MemoryUsage
from tests.fakes.users import MemoryUsers
from tests.fakes.visitors import MemoryVisitors
from tests.fakes.workspaces import MemoryWorkspaces


class MemoryAdapters:
    """Answers `Adapters`; what is pure computation is the real thing."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.mailer = MemoryMailer()
        self.passwords = CheapPasswords()
        self.addresses = EmailAddresses()
        self.schemas = JsonSchemas()
        self.root_key = MemoryRootKey()
        self.cipher = EnvelopeCipher()
        self.audit = MemoryAudit()
        self.activity = MemoryActivity()
        self.keys = MemoryKeys(self.audit)
        self.members = MemoryMembers(self.audit)
        self.challenges = MemoryChallenges()
        self.devices = MemoryDevices(self.audit)
        self.factors = MemoryFactors(self.audit)
        self.upstreams = MemoryUpstreams(self.audit)
        self.detours = MemoryDetours()
        self.invites = MemoryInvites(self.audit)
        self.visitors = MemoryVisitors()
        self.identity_providers = MemoryIdentityProviders()
        self.saml: MemoryAssertions | None = MemoryAssertions()
        self.certificates = X509Certificates()
        self.documents = MemoryDocuments()
        self.one_time_codes = PyOtpCodes()
        self.refresh = MemoryRefresh()
        self.pushed_requests = MemoryPushedRequests()
        self.replays = MemoryReplays()
        self.proofs = JwsProofs()
        self.passkeys = MemoryPasskeys(self.audit)
        self.ceremonies = WebAuthnCeremonies()
        self.dump = MemoryDump()
        self.objects = MemoryObjects(self.clock)
        self.vaults: dict[BackupKind, BackupVault] = {kind: MemoryVault() for kind in BackupKind}

    @property
    def elsewhere(self) -> "MemoryAdapters":
        return self

    @property
    def assertions(self) -> MemoryAssertions:
        if self.saml is None:
            raise NotReady("There is no SAML here.", hint="./scripts/package --saml")
        return self.saml

    @cached_property
    def signatures(self) -> LocalSignatures:
        signatures = LocalSignatures(clock=self.clock)
        self.keys.add_signing(signatures.new_key())
        return signatures

    @cached_property
    def key_pairs(self) -> KmsKeyPairs:
        return KmsKeyPairs(
            self.signatures.kms, clock=self.clock, stage="memory", alias="alias/memory-signing-"
        )

    @cached_property
    def workspaces(self) -> MemoryWorkspaces:
        return MemoryWorkspaces(audit=self.audit, keys=self.keys, members=self.members)

    @cached_property
    def applications(self) -> MemoryApplications:
        return MemoryApplications(self.audit)

    @cached_property
    def users(self) -> MemoryUsers:
        return MemoryUsers(
            audit=self.audit, keys=self.keys, invites=self.invites, visitors=self.visitors
        )

    @cached_property
    def sessions(self) -> MemorySessions:
        return MemorySessions(
            audit=self.audit,
            keys=self.keys,
            workspaces=self.workspaces,
            applications=self.applications,
        )

    @cached_property
    def payloads(self) -> MemoryPayloads:
        return MemoryPayloads(self.sessions)

    @cached_property
    def erasures(self) -> MemoryErasures:
        return MemoryErasures(
            audit=self.audit,
            users=self.users,
            keys=self.keys,
            sessions=self.sessions,
            login=self.login,
            refresh=self.refresh,
            devices=self.devices,
            passkeys=self.passkeys,
            factors=self.factors,
            invites=self.invites,
            visitors=self.visitors,
        )

    @cached_property
    def usage(self) -> MemoryUsage:
        return MemoryUsage(self.sessions)

    @cached_property
    def receipts(self) -> MemoryReceipts:
        return MemoryReceipts(self.sessions)

    @cached_property
    def device_authorizations(self) -> MemoryDeviceAuthorizations:
        return MemoryDeviceAuthorizations(self.audit, self.login)

    @cached_property
    def login(self) -> MemoryLogin:
        return MemoryLogin(self.audit)
