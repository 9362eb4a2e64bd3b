"""Ways: by what people sign in to a workspace that wants a provider's word for them."""

from collections.abc import Callable

from chalicelib.domain.denials import Forbidden
from chalicelib.domain.factors import Proof
from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.sessions import Person
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.browsers import Cookies
from chalicelib.services.second_factors import SecondFactors
from chalicelib.services.words import Words
from chalicelib.services.workspaces import Workspaces


class Ways:
    """Where single sign-on is required, the others are for emergencies and for linking."""

    def __init__(
        self, *, workspaces: Workspaces, second: SecondFactors, words: Callable[[], Words]
    ) -> None:
        """Take the services; the words are asked for where they are needed alone."""
        self._workspaces = workspaces
        self._second = second
        self._words = words

    def admits(self, request: AuthorizationRequest, person: Person, cookies: Cookies) -> bool:
        """Tell whether a person's password counts here."""
        workspace = self._workspaces.get(request.workspace)
        if not workspace.require_sso:
            return True
        # Those who have no second factor could not go on: it is the price of an emergency.
        is_named = workspace.is_named(person.user) and self._second.of(person).are_any
        return is_named or self._words().awaits(request, person, cookies)

    def admit(
        self, request: AuthorizationRequest, person: Person, proof: Proof, cookies: Cookies
    ) -> Proof:
        """Let a proof pass, with the provider's word that waits beside it; raises `Forbidden`."""
        workspace = self._workspaces.get(request.workspace)
        if not workspace.require_sso or proof.is_federated:
            return proof
        # Whoever links an account has both the provider's word and what the account asks for.
        if self._words().awaits(request, person, cookies):
            return proof.with_word()
        is_twofold = proof.is_twofold or self._second.of(person).are_any
        if workspace.is_named(person.user) and is_twofold:
            return proof
        raise Forbidden("Everybody here signs in by their organisation's provider.")

    def emergency(self, person: Person, proof: Proof) -> Workspace | None:
        """Answer the workspace that somebody enters by another way than it wants."""
        workspace = self._workspaces.get(person.workspace)
        return workspace if workspace.require_sso and not proof.is_federated else None
