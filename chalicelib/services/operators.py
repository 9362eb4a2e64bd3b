"""Operators: people of `console`, admitted to the workspaces in which they are members."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.domain.callers import IdentityCaller, MemberCaller, Visit
from chalicelib.domain.denials import Forbidden, OriginNotAllowed, TokenInvalid
from chalicelib.domain.ids import CONSOLE, UserId, new_grant_id, slug_of
from chalicelib.domain.limits import MEMBER_TOKEN_SECONDS
from chalicelib.domain.ports.directory import MemberStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.tokens import MemberToken
from chalicelib.domain.workspaces import Member, Workspace
from chalicelib.services.arrivals import Arrivals
from chalicelib.services.manage_tokens import ManageTokens
from chalicelib.services.workspaces import Workspaces


@dataclass(frozen=True, slots=True)
class Admitted:
    """A member token for one workspace; `lifetime` seconds."""

    text: str = field(repr=False)
    member: Member
    lifetime: int


class Operators:
    """Who may run which workspace."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: MemberStore,
        workspaces: Workspaces,
        arrivals: Arrivals,
        tokens: ManageTokens,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._workspaces = workspaces
        self._arrivals = arrivals
        self._tokens = tokens

    def operator(self, caller: IdentityCaller) -> UserId:
        """Answer the person of `console` whom an ID token proves; raises `TokenInvalid`."""
        if caller.visit.page is not None:
            raise OriginNotAllowed("Operators work from the console's own pages.")
        token = caller.token
        if token.slug != CONSOLE:
            raise TokenInvalid("Only an ID token of the console is accepted here.")
        return self._arrivals.of(caller, CONSOLE, None).user

    def enter(self, caller: IdentityCaller, slug: str) -> Admitted:
        """Answer a member token for a workspace in which the operator is a member.

        A workspace that does not exist and one that is somebody else's have one answer.
        """
        operator = self.operator(caller)
        member = self._membership(operator, slug)
        token = MemberToken(
            workspace=member.workspace,
            operator=operator,
            grant=new_grant_id(),
            role=member.role.value,
            sign_in=caller.token.sign_in,
            exp=self._clock.now() + MEMBER_TOKEN_SECONDS,
        )
        return Admitted(self._tokens.member_token(token), member, MEMBER_TOKEN_SECONDS)

    def authenticate(self, text: str, visit: Visit) -> MemberCaller:
        """Answer the member behind a member token; the role is the store's of this moment."""
        token = self._tokens.read_member_token(text)
        member = self._store.get(token.workspace, token.operator)
        if member is None:
            raise Forbidden("You are not a member of this workspace any more.")
        for workspace in (self._workspaces.named(CONSOLE).id, token.workspace):
            self._workspaces.admit(workspace)
        return MemberCaller(member=member, visit=visit)

    def workspaces_of(self, operator: UserId) -> Sequence[Workspace]:
        """Answer the workspaces in which an operator is a member."""
        return [self._workspaces.get(wid) for wid in self._store.workspaces_of(operator)]

    def _membership(self, operator: UserId, slug: str) -> Member:
        mine = {workspace.slug: workspace for workspace in self.workspaces_of(operator)}
        workspace = mine.get(slug_of(slug))
        member = None if workspace is None else self._store.get(workspace.id, operator)
        if member is None:
            raise Forbidden("You are not a member of this workspace.")
        return member
