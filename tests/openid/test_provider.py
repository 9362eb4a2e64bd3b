"""A certified OpenID provider from npm as the upstream, over HTTP."""

from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.identity_providers import HttpIdentityProviders
from tests.api.desk import desk_on
from tests.api.platform import OWN_ORIGIN, Platform
from tests.api.test_identity_providers import SECRET, chosen
from tests.api.test_sso import begin, outcome
from tests.api.visitor import Visitor
from tests.openid.provider import provider_for

pytestmark = pytest.mark.slow

CALLBACK = f"{OWN_ORIGIN}/oidc/acme/callback/acme"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider_for(CALLBACK, SECRET) as found:
        yield found


@pytest.fixture
def visitor(platform: Platform, issuer: str) -> Visitor:
    desk = desk_on(platform)
    platform.adapters.identity_providers = HttpIdentityProviders(  # type: ignore[assignment]
        clock=SystemClock(), reaches_loopback=True
    )
    chosen(desk, issuer=issuer)
    return Visitor(platform, desk.tenant)


def answered(question: dict[str, str], issuer: str, login: str | None) -> str:
    """Sign in at the provider as a person does; answers where the browser is sent back to."""
    with httpx.Client() as browser:
        answer = browser.get(f"{issuer}/auth?{urlencode(question)}")
        for _ in range(12):
            if answer.is_redirect:
                where = str(answer.next_request.url) if answer.next_request else ""
                if where.startswith(OWN_ORIGIN):
                    return where.removeprefix(OWN_ORIGIN)
                answer = browser.get(where)
            elif login is None:
                answer = browser.get(f"{answer.url}/abort")
            else:
                prompt = "login" if 'name="login"' in answer.text else "consent"
                form = {"prompt": prompt, "login": login, "password": "x"}
                answer = browser.post(answer.url, data=form)
    raise AssertionError(answer.text)


def test_people_sign_in_by_it(visitor: Visitor, issuer: str) -> None:
    count = len(visitor.platform.events)
    for _ in range(2):
        question = begin(visitor, email="nora@acme.example")
        back = answered(question, issuer, "nora")
        assert outcome(visitor.get(back)) == "back"
        assert visitor.step("sso/finish").status == 200
        # Its code and its state are used up.
        assert visitor.get(back).code == "invalid_input"
    users = visitor.platform.services.hosted.users
    user = users.found(visitor.tenant.workspace.id, "nora@acme.example")
    assert user is not None
    assert users.profile(user).name == "Nora"
    assert visitor.platform.actions_since(count) == [
        "user.created",
        "signin.succeeded",
        "workspace.settings_changed",
        "signin.succeeded",
    ]


def test_a_code_of_another_verifier_is_refused_by_it(visitor: Visitor, issuer: str) -> None:
    first, second = begin(visitor), begin(visitor)
    mixed = {**first, "state": second["state"]}
    assert outcome(visitor.get(answered(mixed, issuer, "nora"))) == "refused"


def test_its_answer_to_another_nonce_is_not_believed(visitor: Visitor, issuer: str) -> None:
    question = {**begin(visitor), "nonce": "another"}
    assert outcome(visitor.get(answered(question, issuer, "nora"))) == "refused"
    assert visitor.platform.events[-1].meta["reason"] == "nonce"


def test_whoever_turns_back_there_is_told_so(visitor: Visitor, issuer: str) -> None:
    question = begin(visitor)
    assert outcome(visitor.get(answered(question, issuer, None))) == "cancelled"
