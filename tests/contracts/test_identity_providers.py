"""What everything does that asks identity providers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from chalicelib.adapters.identity_providers import HttpIdentityProviders
from chalicelib.domain.errors import UpstreamUnavailable
from chalicelib.domain.ports.upstreams import IdentityProviders
from chalicelib.domain.vouching import Doubt, Redemption, Vouched
from tests.builders import NOW
from tests.fakes.identity_providers import MemoryIdentityProviders
from tests.fakes.surroundings import FakeClock
from tests.upstream import serving

SUBJECT = "u-1"
REDEMPTION = Redemption(
    code="c-1",
    verifier="v" * 43,
    nonce="n-1",
    redirect_uri="https://flows.example/oidc/acme/callback/acme",
    client_id="secureflows",
    secret=None,
)


@dataclass
class Scene:
    """A provider that is up, and the port that asks it."""

    issuer: str
    port: IdentityProviders
    vouch: Callable[[], object]


@pytest.fixture(params=["memory", "http"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    if request.param == "memory":
        fake, issuer = MemoryIdentityProviders(), "https://login.acme.example"
        fake.add(issuer)
        vouched = Vouched(issuer=issuer, subject=SUBJECT)
        yield Scene(issuer, fake, lambda: fake.answers.update({"c-1": vouched}))
        return
    with serving() as upstream:
        said = {
            "iss": upstream.issuer,
            "sub": SUBJECT,
            "aud": "secureflows",
            "nonce": "n-1",
            "iat": NOW,
            "exp": NOW + 60,
        }
        port = HttpIdentityProviders(clock=FakeClock(), reaches_loopback=True)
        yield Scene(upstream.issuer, port, lambda: upstream.signs(said))


def test_one_describes_itself_as_its_issuer(scene: Scene) -> None:
    provider = scene.port.describe(scene.issuer)
    assert provider.issuer == scene.issuer
    assert provider.asked({"a": "b"}).startswith(f"{scene.issuer}/authorize?")


def test_one_that_is_not_there_is_not_available(scene: Scene) -> None:
    for issuer in (f"{scene.issuer}/", "http://127.0.0.1:1", "https://nobody.invalid"):
        with pytest.raises(UpstreamUnavailable):
            scene.port.describe(issuer)


def test_a_code_that_it_gave_vouches_for_a_person(scene: Scene) -> None:
    scene.vouch()
    vouched = scene.port.redeem(scene.port.describe(scene.issuer), REDEMPTION)
    assert isinstance(vouched, Vouched)
    assert (vouched.issuer, vouched.subject) == (scene.issuer, SUBJECT)


def test_a_code_that_it_does_not_know_vouches_for_nobody(scene: Scene) -> None:
    assert scene.port.redeem(scene.port.describe(scene.issuer), REDEMPTION) is Doubt.CODE
