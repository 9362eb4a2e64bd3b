"""Tokens of the platform's own pages: of members for the console, of people for their account."""

from chalicelib.domain.dashboard import CLIENT as DASHBOARD
from chalicelib.domain.denials import TokenInvalid
from chalicelib.domain.ids import CONSOLE, GrantId, WorkspaceId, is_part
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import MemberToken, PersonToken
from chalicelib.services.claims import meant_for, number_of, proof, sign_in_of, text_of, user_of
from chalicelib.services.issuer import ACCESS, Issuer

_USER = "user"


class ManageTokens:
    """Tokens with which something is managed and no session's data is read."""

    def __init__(self, issuer: Issuer) -> None:
        """Take who signs."""
        self._issuer = issuer

    def member_token(self, token: MemberToken) -> str:
        """Sign a token for the console of one workspace."""
        return self._issuer.sign(
            {
                "iss": self._issuer.named(CONSOLE),
                "aud": self._audience,
                "sub": str(token.operator),
                "client_id": CONSOLE,
                "exp": token.exp,
                "wid": token.workspace,
                "role": token.role,
                "gid": token.grant,
                **proof(token.sign_in),
            },
            typ=ACCESS,
        )

    def read_member_token(self, text: str) -> MemberToken:
        """Answer what a member token claims; the role that counts is the store's."""
        claims = self._issuer.verified(text, typ=ACCESS)
        meant_for(claims, self._audience)
        if self._issuer.slug(claims) != CONSOLE or text_of(claims, "client_id") != CONSOLE:
            raise TokenInvalid("This token is not of the console.")
        workspace = WorkspaceId(text_of(claims, "wid"))
        if not is_part(workspace):
            raise TokenInvalid("This token is not a member token.")
        return MemberToken(
            workspace=workspace,
            operator=user_of(claims),
            grant=GrantId(text_of(claims, "gid")),
            role=text_of(claims, "role"),
            sign_in=sign_in_of(claims),
            exp=number_of(claims, "exp"),
        )

    def person_token(self, token: PersonToken) -> str:
        """Sign a token for a person's own account."""
        return self._issuer.sign(
            {
                "iss": self._issuer.named(token.slug),
                "aud": self._audience,
                "sub": str(token.person.user),
                "client_id": DASHBOARD,
                "exp": token.exp,
                "wid": token.person.workspace,
                "role": _USER,
                "gid": token.browser,
                **proof(token.sign_in),
            },
            typ=ACCESS,
        )

    def read_person_token(self, text: str) -> PersonToken:
        """Answer what a person's own token claims; the caller compares slug and workspace."""
        claims = self._issuer.verified(text, typ=ACCESS)
        meant_for(claims, self._audience)
        if (text_of(claims, "client_id"), text_of(claims, "role")) != (DASHBOARD, _USER):
            raise TokenInvalid("This token is not of the dashboard.")
        workspace, browser = WorkspaceId(text_of(claims, "wid")), text_of(claims, "gid")
        if not (is_part(workspace) and is_part(browser)):
            raise TokenInvalid("This token is not of the dashboard.")
        return PersonToken(
            slug=self._issuer.slug(claims),
            person=Person(workspace, user_of(claims)),
            browser=browser,
            sign_in=sign_in_of(claims),
            exp=number_of(claims, "exp"),
        )

    @property
    def _audience(self) -> str:
        return f"{self._issuer.origin}/api/v1/manage"
