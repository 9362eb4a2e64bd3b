"""Promise 2 at the login: what one workspace gave a person or a program is nothing at the next."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import pytest

from chalicelib.domain.browsers import cookie_name
from chalicelib.domain.clients import ClientKind
from chalicelib.domain.vouching import Vouched
from tests.api.authenticator import Authenticator, enrolled
from tests.api.devices import asked, handed, holding
from tests.api.own import Home, home_at
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.prover import Prover
from tests.api.shell import on_page, shell_of
from tests.api.visitor import Visitor, account, post_form, query_of
from tests.device import Device

EMAIL = "anna@both.example"
ISSUER = "https://login.acme.example"
OFFLINE = "openid offline_access"


@dataclass
class Twins:
    """The same person with the same address, client and redirect URI in two workspaces."""

    platform: Platform
    here: Tenant
    there: Tenant

    def visitor(self, tenant: Tenant) -> Visitor:
        """A browser of hers; one verifier serves both, or PKCE would answer for the partition."""
        return Visitor(self.platform, tenant, verifier="v" * 43)


@pytest.fixture
def twins(platform: Platform) -> Twins:
    here, there = (_tenant(platform, slug) for slug in ("acme", "globex"))
    return Twins(platform, here, there)


def _tenant(platform: Platform, slug: str) -> Tenant:
    tenant = platform.tenant(slug, kind=ClientKind.NATIVE)
    user = account(platform, tenant.workspace, EMAIL).person.user
    return replace(tenant, user=user, email=EMAIL)


def code(twins: Twins) -> Answer:
    given = twins.visitor(twins.here).code()
    return twins.visitor(twins.there).exchange(given)


def refresh_token(twins: Twins) -> Answer:
    visitor = twins.visitor(twins.here)
    given = visitor.exchange(visitor.code(scope=OFFLINE)).json()["refresh_token"]
    client = {"client_id": twins.there.application.client_id}
    form = {"grant_type": "refresh_token", "refresh_token": given, **client}
    return post_form("/oidc/globex/token", form)


def given_back(twins: Twins) -> Answer:
    visitor = twins.visitor(twins.here)
    given = visitor.exchange(visitor.code(scope=OFFLINE)).json()
    for kind in ("refresh_token", "access_token"):
        form = {"token": given[kind], "client_id": twins.there.application.client_id}
        assert post_form("/oidc/globex/revoke", form).status in (200, 400)
    # Whatever it was answered, it is as good as before.
    assert send("GET", "/api/v1/sessions", token=given["access_token"]).status == 200
    return send("GET", "/oidc/globex/userinfo", token=given["access_token"])


def pushed_request(twins: Twins) -> Answer:
    answer = post_form("/oidc/acme/par", twins.visitor(twins.here).params())
    named = {"client_id": twins.there.application.client_id, **answer.json()}
    return twins.visitor(twins.there).get(f"/oidc/globex/authorize?{urlencode(named)}")


def device_code(twins: Twins) -> Answer:
    shell = shell_of(twins.visitor(twins.here))
    return shell.ask(at="globex", client_id=twins.there.application.client_id)


def user_code(twins: Twins) -> Answer:
    shell = shell_of(twins.visitor(twins.here))
    there = twins.visitor(twins.there)
    assert there.sign_in().status == 200
    return on_page(there, "look-up", userCode=shell.user_code)


def browser(twins: Twins) -> Answer:
    here, there = twins.visitor(twins.here), twins.visitor(twins.there)
    assert here.sign_in().status == 200
    secret = here.cookies[cookie_name(twins.here.workspace.id)]
    there.cookies = {**here.cookies, cookie_name(twins.there.workspace.id): secret}
    assert there.step("context").json()["person"] is None
    assert query_of(there.authorize(prompt="none").headers["location"])["error"] == "login_required"
    return there.step("continue")


def account_by_browser(twins: Twins) -> Answer:
    here, there = twins.visitor(twins.here), twins.visitor(twins.there)
    here.sign_in()
    secret = here.cookies[cookie_name(twins.here.workspace.id)]
    there.cookies = {**here.cookies, cookie_name(twins.there.workspace.id): secret}
    return Home(there).post("/member-token")


def known_device(twins: Twins) -> Answer:
    here, there = twins.visitor(twins.here), twins.visitor(twins.there)
    here.sign_in()
    # The mark of a known browser, under the neighbour's name: its guesses are a stranger's.
    there.cookies = {
        name.replace(twins.here.workspace.id, twins.there.workspace.id): value
        for name, value in here.cookies.items()
    }
    stranger = twins.visitor(twins.there)
    for _ in range(6):
        stranger.sign_in(password="other words entirely")
    return there.sign_in()


def totp_step(twins: Twins) -> Answer:
    enrolled(twins.platform, twins.here)
    theirs = enrolled(twins.platform, twins.there)
    step = twins.visitor(twins.here).sign_in().json()["step"]
    there = twins.visitor(twins.there)
    return there.step("steps/totp", challenge=step["challenge"], code=theirs.code())


def recovery_step(twins: Twins) -> Answer:
    mine = enrolled(twins.platform, twins.here)
    enrolled(twins.platform, twins.there)
    there = twins.visitor(twins.there)
    step = there.sign_in().json()["step"]
    return there.step("steps/recovery", challenge=step["challenge"], code=mine.recovery_codes[0])


def enrolment(twins: Twins) -> Answer:
    here = twins.visitor(twins.here)
    named = {"workspace_name": "acme", "app_id": twins.here.application.id}
    request = {**named, **here.params(acr_values="sf:2")}
    words = {"email": EMAIL, "password": "plain words are long"}
    step = here.step("sign-in", request=request, **words).json()["step"]
    typed = Authenticator(twins.platform, step["setup"]["secret"]).code()
    there = twins.visitor(twins.there)
    return there.step("steps/enrolment", challenge=step["challenge"], code=typed)


def passkey(twins: Twins) -> Answer:
    device: Device = holding(twins.platform, twins.here)
    there = twins.visitor(twins.there)
    ceremony = asked(there)
    return handed(there, ceremony["challenge"], device.show(ceremony["options"]))


def passkey_challenge(twins: Twins) -> Answer:
    device: Device = holding(twins.platform, twins.there)
    ceremony = asked(twins.visitor(twins.here))
    said = device.show(ceremony["options"])
    return handed(twins.visitor(twins.there), ceremony["challenge"], said)


def reset(twins: Twins) -> Answer:
    here = twins.visitor(twins.here)
    challenge = here.step("password/forgot", email=EMAIL).json()["challenge"]
    words = {"challenge": challenge, "code": here.typed_code(), "password": "other words entirely"}
    answer = twins.visitor(twins.there).step("password/reset", **words)
    assert twins.visitor(twins.there).sign_in().status == 200
    return answer


def sign_up(twins: Twins) -> Answer:
    here = twins.visitor(twins.here)
    challenge = here.sign_up("new@both.example").json()["challenge"]
    typed = here.typed_code()
    return twins.visitor(twins.there).step("sign-up/verify", challenge=challenge, code=typed)


def new_address(twins: Twins) -> Answer:
    here, there = (home_at(twins.platform, each) for each in (twins.here, twins.there))
    challenge = here.ask("POST", "/email", {"email": "c@both.example"}).json()["challenge"]
    typed = here.visitor.typed_code()
    return there.ask("POST", "/email/confirm", {"challenge": challenge, "code": typed})


def set_up(twins: Twins) -> Answer:
    here, there = (home_at(twins.platform, each) for each in (twins.here, twins.there))
    setup = here.ask("POST", "/totp").json()
    typed = Authenticator(twins.platform, setup["secret"]).code()
    return there.ask("POST", "/totp/confirm", {"challenge": setup["challenge"], "code": typed})


def provider(twins: Twins) -> Answer:
    providers = twins.platform.adapters.identity_providers
    providers.add(ISSUER)
    for tenant in (twins.here, twins.there):
        choice = {"displayName": "A", "issuer": ISSUER, "clientId": "c", "makesUsers": True}
        token = twins.platform.member_token(tenant.workspace)
        path = "/api/v1/identity-providers/acme"
        assert send("PUT", path, token=token, body=choice).status == 200
    twins.platform.adapters.clock.pause(6)
    here, there = twins.visitor(twins.here), twins.visitor(twins.there)
    state = query_of(here.step("sso", provider="acme").json()["redirectTo"])["state"]
    there.cookies = {
        name.replace(twins.here.workspace.id, twins.there.workspace.id): value
        for name, value in here.cookies.items()
    }
    providers.answers["c-1"] = Vouched(issuer=ISSUER, subject="u", email="d@e.example")
    back = urlencode({"state": state, "code": "c-1"})
    assert there.get(f"/oidc/globex/callback/acme?{back}").status == 400
    assert here.get(f"/oidc/acme/callback/acme?{back}").status == 302
    there.cookies = {
        name.replace(twins.here.workspace.id, twins.there.workspace.id): value
        for name, value in here.cookies.items()
    }
    return there.step("sso/finish")


def hint(twins: Twins) -> Answer:
    here = twins.visitor(twins.here)
    token = here.exchange(here.code()).json()["id_token"]
    sent = twins.visitor(twins.there).authorize(id_token_hint=token)
    assert query_of(sent.headers["location"])["error"] == "invalid_request"
    return send("POST", "/api/v1/sessions", token=token, body={"workspaceName": "globex"})


def proof_s_nonce(twins: Twins) -> Answer:
    nonce = twins.platform.services.dpop.nonce(twins.here.workspace.id)
    prover = Prover(twins.platform.adapters.clock, nonce=nonce)
    there = twins.visitor(twins.there)
    at = "https://flows.example/oidc/globex/token"
    return there.exchange(there.code(), headers={"dpop": prover.proof("POST", at)})


Act = Callable[[Twins], Answer]
ACTS: tuple[tuple[Act, int, str], ...] = (
    (code, 400, "invalid_grant"),
    (refresh_token, 400, "invalid_grant"),
    (given_back, 401, "token_invalid"),
    (pushed_request, 400, "invalid_input"),
    (device_code, 400, "invalid_grant"),
    (user_code, 404, "not_found"),
    (browser, 401, "token_missing"),
    (account_by_browser, 401, "token_missing"),
    (known_device, 429, "rate_limited"),
    (totp_step, 410, "challenge_ended"),
    (recovery_step, 403, "signin_refused"),
    (enrolment, 410, "challenge_ended"),
    (passkey, 403, "signin_refused"),
    (passkey_challenge, 410, "challenge_ended"),
    (reset, 410, "challenge_ended"),
    (sign_up, 410, "challenge_ended"),
    (new_address, 410, "challenge_ended"),
    (set_up, 410, "challenge_ended"),
    (provider, 410, "challenge_ended"),
    (hint, 403, "forbidden"),
    (proof_s_nonce, 400, "use_dpop_nonce"),
)


@pytest.mark.parametrize(
    ("act", "status", "code"), [pytest.param(*each, id=each[0].__name__) for each in ACTS]
)
def test_what_one_workspace_gave_is_nothing_at_the_next(
    twins: Twins, act: Act, status: int, code: str
) -> None:
    answer = act(twins)
    said = answer.code or answer.json()["error"]
    assert (answer.status, said) == (status, code), answer.body
    assert answer.cookies == []
    assert "location" not in answer.headers
