"""Wire shapes of the hosted login's page."""

from collections.abc import Sequence
from typing import Self

from pydantic import Field, JsonValue

from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.applications import Application
from chalicelib.domain.redirects import host_of
from chalicelib.domain.upstreams import Upstream
from chalicelib.domain.visitors import Visiting
from chalicelib.services.openings import Opening

REQUEST: JsonValue = {
    "workspace_name": "demo",
    "app_id": "notes",
    "client_id": "c7f3b2a1",
    "redirect_uri": "https://notes.example/",
    "response_type": "code",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
_CHALLENGE = "Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"
_MAX_PASSWORD = 1_024  # characters read at all; how many count is the domain's business


class StepIn(Wire):
    """The page's own query, word for word; it is read anew at every step."""

    model_config = shown({"request": REQUEST})

    request: dict[str, str] = Field(max_length=50)
    passkey_offer: bool = Field(
        alias="passkeyOffer",
        default=False,
        description="Whether the browser can make a passkey and nobody declined here lately: then "
        "whoever has none is offered one before the last step.",
    )


class SignInIn(StepIn):
    """An address and a password."""

    model_config = shown(
        {"request": REQUEST, "email": "mira@demo.example", "password": "plain words are long"}
    )

    email: str = Field(max_length=400)
    password: str = Field(max_length=_MAX_PASSWORD, repr=False)


class SignUpIn(SignInIn):
    """An account to be."""

    model_config = shown(
        {
            "request": REQUEST,
            "email": "mira@demo.example",
            "password": "plain words are long",
            "name": "Mira",
        }
    )

    name: str | None = Field(default=None, max_length=400)


class ResendIn(StepIn):
    """A challenge whose mail did not arrive."""

    model_config = shown({"request": REQUEST, "challenge": _CHALLENGE})

    challenge: str = Field(max_length=100, repr=False)


class VerifyIn(ResendIn):
    """A typed code."""

    model_config = shown({"request": REQUEST, "challenge": _CHALLENGE, "code": "123456"})

    code: str = Field(max_length=32, repr=False)


class ForgotIn(StepIn):
    """The address whose password was forgotten."""

    model_config = shown({"request": REQUEST, "email": "mira@demo.example"})

    email: str = Field(max_length=400)


class ResetIn(VerifyIn):
    """A typed code, and the password to be."""

    model_config = shown(
        {
            "request": REQUEST,
            "challenge": _CHALLENGE,
            "code": "123456",
            "password": "plain words are long",
        }
    )

    password: str = Field(max_length=_MAX_PASSWORD, repr=False)


class ResetOut(Wire):
    """Whether the password was replaced; signing in with it comes next."""

    model_config = shown({"changed": True})

    changed: bool


class SignOutIn(Wire):
    """The page's own query, word for word: where the person is signed in, and goes then."""

    model_config = shown(
        {
            "request": {
                "workspace_name": "demo",
                "client_id": "c7f3b2a1",
                "post_logout_redirect_uri": "https://notes.example/",
            }
        }
    )

    request: dict[str, str] = Field(max_length=50)


class LeaveOut(Wire):
    """Where the browser goes."""

    model_config = shown({"redirectTo": "https://notes.example/?code=c-1&state=s-1"})

    redirect_to: str = Field(alias="redirectTo", repr=False)


class ChallengeOut(Wire):
    """The challenge to answer with the code that was mailed."""

    model_config = shown({"challenge": _CHALLENGE, "email": "mira@demo.example"})

    challenge: str = Field(repr=False)
    email: str = Field(repr=False)


class ResentOut(Wire):
    """The challenge to answer with the newest code."""

    model_config = shown({"challenge": _CHALLENGE})

    challenge: str = Field(repr=False)


class WorkspaceName(Wire):
    """The workspace as people call it."""

    name: str


class ApplicationLook(Wire):
    """The application as people see it."""

    app_id: str = Field(alias="appId")
    name: str
    color: str | None

    @classmethod
    def of(cls, application: Application) -> Self:
        """Answer an application as the page shows it."""
        return cls(app_id=application.id, name=application.name, color=application.color)


class PersonOut(Wire):
    """Who the browser remembers."""

    name: str | None = Field(repr=False)
    email: str | None = Field(repr=False)


class OfferOut(Wire):
    """A provider by which people sign in here."""

    name: str
    display_name: str = Field(alias="displayName")

    @classmethod
    def of(cls, upstream: Upstream) -> Self:
        """Answer an upstream as the page shows it."""
        return cls(name=upstream.name, display_name=upstream.display_name)


class ContextOut(Wire):
    """What the page shows before anybody types."""

    model_config = shown(
        {
            "workspace": {"name": "Demo"},
            "application": {"appId": "notes", "name": "Notes", "color": "#0c6b62"},
            "returnTo": "notes.example",
            "signUp": True,
            "providers": [{"name": "acme", "displayName": "Acme"}],
            "routes": True,
            "requiresSso": False,
            "person": {"name": "Mira Lindqvist", "email": "mira@demo.example"},
            "invited": None,
            "visit": "none",
            "prompt": None,
            "loginHint": None,
        }
    )

    workspace: WorkspaceName
    application: ApplicationLook
    return_to: str = Field(alias="returnTo")
    sign_up: bool = Field(alias="signUp")
    providers: list[OfferOut]
    routes: bool
    requires_sso: bool = Field(
        alias="requiresSso", description="Whether other ways are for emergencies alone."
    )
    person: PersonOut | None
    invited: str | None = Field(repr=False, description="The address that was invited here.")
    visit: Visiting = Field(
        description="Whether one may begin without an account, go on as the visitor of before, or "
        "only add an account to what that one has."
    )
    prompt: str | None
    login_hint: str | None = Field(alias="loginHint")

    @classmethod
    def of(cls, opening: Opening, upstreams: Sequence[Upstream]) -> Self:
        """Answer an opening as the page reads it."""
        application, request, person = opening.application, opening.request, opening.person
        return cls(
            workspace=WorkspaceName(name=opening.workspace.name),
            application=ApplicationLook.of(application),
            return_to=host_of(request.redirect_uri),
            sign_up=opening.makes_accounts,
            invited=None if opening.invited is None else opening.invited.email,
            providers=[OfferOut.of(each) for each in upstreams if each.is_offered],
            routes=any(upstream.domains for upstream in upstreams),
            requires_sso=opening.workspace.require_sso,
            person=None if person is None else PersonOut(name=person.name, email=person.email),
            visit=opening.visit,
            prompt=_leading(request.prompt),
            login_hint=request.login_hint,
        )


def _leading(prompt: str | None) -> str | None:
    # The page follows one wish; of several, the one that changes most of it.
    wishes = (prompt or "").split()
    for wish in ("create", "login"):
        if wish in wishes:
            return wish
    return wishes[0] if wishes else None
