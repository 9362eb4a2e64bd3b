import base64
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from chalicelib.adapters.identity_providers import HttpIdentityProviders
from chalicelib.domain.errors import UpstreamUnavailable
from chalicelib.domain.vouching import Doubt, Redemption, Vouched
from tests.builders import NOW
from tests.fakes.surroundings import FakeClock
from tests.upstream import EC, RSA, Upstream, serving

REDEMPTION = Redemption(
    code="c-1",
    verifier="v" * 43,
    nonce="n-1",
    redirect_uri="https://flows.example/oidc/acme/callback/acme",
    client_id="client with space",
    secret="s:ecret",
)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serving() as upstream:
        yield upstream


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def providers(clock: FakeClock) -> HttpIdentityProviders:
    return HttpIdentityProviders(clock=clock, reaches_loopback=True)


def claims(upstream: Upstream, **words: Any) -> dict[str, Any]:
    said = {
        "iss": upstream.issuer,
        "sub": "u-1",
        "aud": REDEMPTION.client_id,
        "nonce": REDEMPTION.nonce,
        "iat": NOW - 1,
        "exp": NOW + 300,
        "email": "mira@acme.example",
        "email_verified": True,
        "name": "Mira",
        "amr": ["pwd", "mfa"],
        "auth_time": NOW - 5,
        **words,
    }
    return {name: value for name, value in said.items() if value is not None}


def redeemed(providers: HttpIdentityProviders, upstream: Upstream, **words: Any) -> Vouched | Doubt:
    provider = providers.describe(upstream.issuer)
    return providers.redeem(provider, replace(REDEMPTION, **words))


def test_a_code_is_redeemed_with_all_that_it_is_bound_to(
    providers: HttpIdentityProviders, upstream: Upstream
) -> None:
    said = claims(upstream)
    upstream.signs(said)
    assert redeemed(providers, upstream) == Vouched(
        issuer=upstream.issuer,
        subject="u-1",
        email="mira@acme.example",
        is_verified=True,
        name="Mira",
        amr=("pwd", "mfa"),
        auth_time=NOW - 5,
        claims=said,
    )
    assert upstream.forms == [
        {
            "grant_type": "authorization_code",
            "code": "c-1",
            "redirect_uri": REDEMPTION.redirect_uri,
            "code_verifier": REDEMPTION.verifier,
        }
    ]
    basic = base64.b64encode(b"client+with+space:s%3Aecret").decode()
    assert upstream.credentials == [f"Basic {basic}"]


def test_the_secret_is_posted_where_that_is_what_the_provider_takes(
    providers: HttpIdentityProviders, upstream: Upstream
) -> None:
    upstream.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    upstream.signs(claims(upstream))
    assert isinstance(redeemed(providers, upstream), Vouched)
    assert upstream.forms[0]["client_secret"] == "s:ecret"
    assert upstream.forms[0]["client_id"] == REDEMPTION.client_id
    assert upstream.credentials == [None]


def test_without_a_secret_the_client_only_says_its_name(
    providers: HttpIdentityProviders, upstream: Upstream
) -> None:
    upstream.signs(claims(upstream))
    assert isinstance(redeemed(providers, upstream, secret=None), Vouched)
    assert upstream.forms[0]["client_id"] == REDEMPTION.client_id
    assert "client_secret" not in upstream.forms[0]
    assert upstream.credentials == [None]


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ({"iss": "https://elsewhere.example"}, Doubt.ISSUER),
        ({"iss": None}, Doubt.MALFORMED),
        ({"aud": "another"}, Doubt.AUDIENCE),
        ({"aud": []}, Doubt.AUDIENCE),
        ({"aud": None}, Doubt.MALFORMED),
        ({"aud": ["another", REDEMPTION.client_id]}, Doubt.AUDIENCE),
        ({"aud": [REDEMPTION.client_id, "another"], "azp": "another"}, Doubt.AUDIENCE),
        ({"azp": "another"}, Doubt.AUDIENCE),
        ({"exp": NOW}, Doubt.TIME),
        ({"exp": None}, Doubt.MALFORMED),
        ({"exp": True}, Doubt.TIME),
        ({"iat": NOW + 31}, Doubt.TIME),
        ({"iat": NOW - 601}, Doubt.TIME),
        ({"iat": None}, Doubt.MALFORMED),
        ({"nbf": NOW + 31}, Doubt.TIME),
        ({"nonce": "another"}, Doubt.NONCE),
        ({"nonce": None}, Doubt.NONCE),
        ({"sub": ""}, Doubt.MALFORMED),
        ({"sub": "x" * 256}, Doubt.MALFORMED),
        ({"sub": None}, Doubt.MALFORMED),
    ],
)
def test_what_an_id_token_must_say_is_checked(
    providers: HttpIdentityProviders, upstream: Upstream, words: dict[str, Any], doubt: Doubt
) -> None:
    upstream.signs(claims(upstream, **words))
    assert redeemed(providers, upstream) is doubt


@pytest.mark.parametrize(
    "words",
    [
        {"aud": [REDEMPTION.client_id]},
        {"aud": [REDEMPTION.client_id, "another"], "azp": REDEMPTION.client_id},
        {"iat": NOW + 30, "nbf": NOW + 30},
        {"exp": NOW + 1},
    ],
)
def test_what_is_just_within_is_believed(
    providers: HttpIdentityProviders, upstream: Upstream, words: dict[str, Any]
) -> None:
    upstream.signs(claims(upstream, **words))
    assert isinstance(redeemed(providers, upstream), Vouched)


PUBLIC = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param({"alg": "none", "key": None}, id="none"),
        pytest.param({"key": OTHER}, id="another-key"),
        pytest.param({"kid": "unknown"}, id="an-unknown-name"),
        pytest.param({"kid": None}, id="no-name-where-there-are-two-keys"),
        pytest.param({"kid": "e1"}, id="the-name-of-another-kind"),
        pytest.param({"alg": "PS256"}, id="an-algorithm-that-the-provider-does-not-use"),
    ],
)
def test_only_a_key_of_the_provider_signs_and_never_a_secret(
    providers: HttpIdentityProviders, upstream: Upstream, words: dict[str, Any]
) -> None:
    upstream.signs(claims(upstream), **words)
    assert redeemed(providers, upstream) is Doubt.SIGNATURE


def test_a_public_key_is_no_secret(providers: HttpIdentityProviders, upstream: Upstream) -> None:
    head = jwt.utils.base64url_encode(b'{"alg":"HS256","typ":"JWT","kid":"r1"}')
    said = jwt.utils.base64url_encode(json.dumps(claims(upstream)).encode())
    forged = b".".join((head, said))
    mac = jwt.utils.base64url_encode(hmac.digest(PUBLIC, forged, "sha256"))
    token = b".".join((forged, mac)).decode()
    upstream.token = lambda _form: (200, {"id_token": token})
    assert redeemed(providers, upstream) is Doubt.SIGNATURE


def test_elliptic_curves_are_believed_too(
    providers: HttpIdentityProviders, upstream: Upstream
) -> None:
    upstream.signs(claims(upstream), key=EC, alg="ES256", kid="e1")
    assert isinstance(redeemed(providers, upstream), Vouched)


def test_an_altered_token_is_not_believed(
    providers: HttpIdentityProviders, upstream: Upstream
) -> None:
    upstream.signs(claims(upstream))
    _, said = upstream.token({})
    head, _, signature = said["id_token"].split(".")
    upstream.signs(claims(upstream, sub="u-2"))
    _, other = upstream.token({})
    mixed = f"{head}.{other['id_token'].split('.')[1]}.{signature}"
    upstream.token = lambda _form: (200, {"id_token": mixed})
    assert redeemed(providers, upstream) is Doubt.SIGNATURE


@pytest.mark.parametrize(
    ("answer", "doubt"),
    [
        ((400, {"error": "invalid_grant"}), Doubt.CODE),
        ((401, {"error": "invalid_client"}), Doubt.CODE),
        ((200, {"access_token": "at"}), Doubt.MALFORMED),
        ((200, {"id_token": 1}), Doubt.MALFORMED),
        ((200, {"id_token": "x.y.z"}), Doubt.SIGNATURE),
        ((200, {"id_token": "é.y.z"}), Doubt.MALFORMED),
        ((200, {"id_token": "a" * 70_000}), Doubt.MALFORMED),
    ],
)
def test_another_answer_than_an_id_token_is_not_believed(
    providers: HttpIdentityProviders, upstream: Upstream, answer: Any, doubt: Doubt
) -> None:
    upstream.token = lambda _form: answer
    assert redeemed(providers, upstream) is doubt


def test_a_rotated_key_is_found_and_an_unknown_one_does_not_make_us_ask_on(
    providers: HttpIdentityProviders, upstream: Upstream, clock: FakeClock
) -> None:
    upstream.signs(claims(upstream))
    assert isinstance(redeemed(providers, upstream), Vouched)
    assert isinstance(redeemed(providers, upstream), Vouched)
    assert upstream.asked.count("/jwks") == 1
    fresh = {**RSAAlgorithm.to_jwk(OTHER.public_key(), as_dict=True), "kid": "r2"}
    upstream.keys = [fresh]
    upstream.signs(claims(upstream), key=OTHER, kid="r2")
    assert redeemed(providers, upstream) is Doubt.SIGNATURE
    assert upstream.asked.count("/jwks") == 1
    clock.pause(30)
    assert isinstance(redeemed(providers, upstream), Vouched)
    assert redeemed(providers, upstream) == redeemed(providers, upstream)
    upstream.signs(claims(upstream), kid="r1")
    assert redeemed(providers, upstream) is Doubt.SIGNATURE
    assert upstream.asked.count("/jwks") == 2


def test_a_description_is_remembered_for_ten_minutes(
    providers: HttpIdentityProviders, upstream: Upstream, clock: FakeClock
) -> None:
    first = providers.describe(upstream.issuer)
    upstream.metadata["issuer"] = "https://elsewhere.example"
    clock.pause(599)
    assert providers.describe(upstream.issuer) == first
    clock.pause(1)
    with pytest.raises(UpstreamUnavailable):
        providers.describe(upstream.issuer)


_OTHER = "answers with a document that is not an OpenID provider's"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"issuer": "https://elsewhere.example"}, "calls itself https://elsewhere.example"),
        ({"issuer": f"https://{'x' * 400}"}, f"calls itself https://{'x' * 192}"),
        ({"issuer": None}, _OTHER),
        ({"issuer": ["x"]}, _OTHER),
        ({"issuer": "https://a.example/\n"}, _OTHER),
        ({"token_endpoint": None}, _OTHER),
        ({"token_endpoint": 7}, _OTHER),
        ({"authorization_endpoint": "javascript:alert(1)"}, _OTHER),
        ({"jwks_uri": "file:///etc/passwd"}, _OTHER),
        ({"id_token_signing_alg_values_supported": "RS256"}, _OTHER),
    ],
)
def test_one_that_describes_itself_in_another_way_is_not_available(
    providers: HttpIdentityProviders, upstream: Upstream, change: dict[str, Any], why: str
) -> None:
    upstream.metadata |= change
    with pytest.raises(UpstreamUnavailable) as refused:
        providers.describe(upstream.issuer)
    assert refused.value.why == why


def test_one_that_is_somewhere_else_is_told_from_one_that_is_nowhere(
    providers: HttpIdentityProviders, upstream: Upstream
) -> None:
    for issuer, why in (
        (f"{upstream.issuer}/realms/x", "answers with status 404"),
        ("http://127.0.0.1:1", "does not answer"),
    ):
        with pytest.raises(UpstreamUnavailable) as refused:
            providers.describe(issuer)
        assert refused.value.why == why


@pytest.mark.parametrize(("subject", "email"), [("u-1", "mira@acme.example"), ("u-2", None)])
def test_what_the_id_token_does_not_say_is_asked_for_and_only_of_the_same_person(
    providers: HttpIdentityProviders, upstream: Upstream, subject: str, email: str | None
) -> None:
    upstream.metadata["userinfo_endpoint"] = f"{upstream.issuer}/userinfo"
    upstream.userinfo = {"sub": subject, "email": "mira@acme.example", "iss": "x", "amr": ["mfa"]}
    upstream.signs(claims(upstream, email=None, email_verified=None))
    found = redeemed(providers, upstream)
    assert isinstance(found, Vouched)
    assert (found.email, found.subject) == (email, "u-1")
    assert (found.issuer, found.amr) == (upstream.issuer, ("pwd", "mfa"))
    assert upstream.credentials[-1] == "Bearer at"
    upstream.signs(claims(upstream))
    assert isinstance(redeemed(providers, upstream), Vouched)
    assert upstream.asked.count("/userinfo") == 1


def test_an_issuer_is_compared_to_the_letter(
    providers: HttpIdentityProviders, upstream: Upstream
) -> None:
    with pytest.raises(UpstreamUnavailable):
        providers.describe(f"{upstream.issuer}/")
    assert upstream.asked == ["/.well-known/openid-configuration"]


def test_what_it_says_of_itself_is_read(
    providers: HttpIdentityProviders, upstream: Upstream
) -> None:
    upstream.metadata["authorization_response_iss_parameter_supported"] = True
    provider = providers.describe(upstream.issuer)
    assert provider.names_itself
    assert provider.algorithms == ("ES256", "RS256")
    assert provider.asked({"a": "b c"}) == f"{upstream.issuer}/authorize?a=b+c"
    queried = replace(provider, authorization_endpoint="https://x.example/?p=1")
    assert queried.asked({"a": "b"}) == "https://x.example/?p=1&a=b"
