"""A SAML provider from npm as the upstream, over HTTP; its signatures are its own library's."""

from collections.abc import Iterator

import httpx
import pytest

from chalicelib.adapters.assertions import SignedAssertions
from chalicelib.adapters.clock import SystemClock
from chalicelib.domain.saml import description_of
from tests.api.desk import Desk, desk_on
from tests.api.platform import Platform, send
from tests.api.test_identity_providers import ACME
from tests.api.test_saml import CHOICE, OURS, follow, post
from tests.api.test_sso import outcome
from tests.api.visitor import Visitor
from tests.openid.provider import started
from tests.saml import Identity

pytestmark = pytest.mark.slow

NOW = SystemClock().now()
IDENTITY = Identity(since=NOW - 60, until=NOW + 86_400)
METADATA = description_of(entity=f"{OURS}/metadata", recipient=f"{OURS}/acs")


@pytest.fixture(scope="module", params=["assertion", "both"])
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    words = [CHOICE["issuer"], METADATA, IDENTITY.secret.decode(), IDENTITY.pem, request.param]
    with started("saml.mjs", *words) as found:
        yield found


@pytest.fixture
def desk(platform: Platform, place: str) -> Desk:
    # It stamps by the time of this machine.
    platform.adapters.clock.pause(NOW - platform.adapters.clock.now())
    platform.adapters.saml = SignedAssertions(clock=SystemClock())  # type: ignore[assignment]
    desk = desk_on(platform)
    body = {**CHOICE, "ssoUrl": f"{place}/sso", "certificates": [IDENTITY.pem]}
    answer = send("PUT", ACME, token=desk.token(), body=body)
    assert answer.status == 200, answer.body
    return desk


def asked_there(visitor: Visitor) -> dict[str, str]:
    """Go to the provider as the browser would; answers the form that it lets it post."""
    location = visitor.step("sso", provider="acme").json()["redirectTo"]
    form: dict[str, str] = httpx.get(location).json()
    return form


def test_people_sign_in_by_it(desk: Desk) -> None:
    count = len(desk.platform.events)
    for _ in range(2):
        visitor = Visitor(desk.platform, desk.tenant)
        form = asked_there(visitor)
        posted = post(visitor, form, SAMLResponse=form["SAMLResponse"])
        assert outcome(follow(visitor, posted)) == "back", desk.platform.events[-1].meta
        assert visitor.step("sso/finish").status == 200
    assert desk.platform.actions_since(count).count("user.created") == 1
    user = desk.platform.services.hosted.users.found(desk.workspace.id, "nora@acme.example")
    assert user is not None
    assert desk.platform.services.hosted.users.profile(user).name == "Nora"


def test_its_answer_to_another_request_is_not_believed(desk: Desk) -> None:
    visitor, other = (Visitor(desk.platform, desk.tenant) for _ in range(2))
    mine, others = asked_there(visitor), asked_there(other)
    posted = post(visitor, mine, SAMLResponse=others["SAMLResponse"])
    assert outcome(follow(visitor, posted)) == "refused"
    assert desk.platform.events[-1].meta["reason"] == "nonce"
