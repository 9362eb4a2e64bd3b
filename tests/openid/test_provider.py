"""A certified OpenID provider from npm as the upstream, over HTTP."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
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

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
BIN = HERE.parents[1] / ".venv" / "bin"
CALLBACK = f"{OWN_ORIGIN}/oidc/acme/callback/acme"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    # Everything else of the environment stays: where npm finds its registry, for one.
    command = ["/usr/bin/env", f"PATH={BIN}:/usr/bin:/bin"]
    if not (HERE / "node_modules").is_dir():
        fetch = [*command, "npm", "ci", "--no-progress", "--loglevel=error"]
        subprocess.run(fetch, cwd=HERE, check=True)
    process = subprocess.Popen(
        [*command, "node", "provider.mjs", CALLBACK, SECRET],
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        yield process.stdout.readline().strip()
        process.kill()
        process.wait()


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
