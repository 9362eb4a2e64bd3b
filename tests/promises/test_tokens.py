"""Promise 7: tokens cannot be forged, confused or taken from one place to another."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.tokens import KeyState, SigningKey
from chalicelib.domain.workspaces import Role
from tests.api.platform import OWN_ORIGIN, Answer, Platform, Tenant, send

Claims = dict[str, Any]
SESSION, IDENTITY, MEMBER = "session", "identity", "member"
TYP = {SESSION: "at+jwt", IDENTITY: "JWT", MEMBER: "at+jwt"}
DOORS: dict[str, list[tuple[str, str, Any]]] = {
    SESSION: [("GET", "/api/v1/sessions", None), ("PUT", "/api/v1/sessions", {"a": "forged"})],
    IDENTITY: [("POST", "/api/v1/sessions", {"workspaceName": "acme", "payload": {"a": "forged"}})],
    MEMBER: [
        ("GET", "/api/v1/applications", None),
        (
            "POST",
            "/api/v1/applications",
            {"appId": "forged", "displayName": "F", "redirectUris": ["https://evil.example/"]},
        ),
    ],
}
KINDS = tuple(DOORS)


@dataclass(frozen=True)
class Forge:
    """Good tokens of one tenant, and everything that one needs to make bad ones of them."""

    platform: Platform
    tenant: Tenant
    good: Mapping[str, str]

    @property
    def key(self) -> SigningKey:
        (key,) = self.platform.adapters.keys.signing()
        return key

    def claims(self, kind: str, **changes: Any) -> Claims:
        claims = jwt.decode(self.good[kind], options={"verify_signature": False}) | changes
        return {name: value for name, value in claims.items() if value is not ...}

    def sign(self, claims: object, kind: str, **header: Any) -> str:
        """Sign with the platform's very own key."""
        private = self.platform.adapters.signatures.kms.private(self.key)
        return _signed(claims, private, {"kid": self.key.kid, "typ": TYP[kind]} | header)


@pytest.fixture
def forge(platform: Platform) -> Forge:
    tenant = platform.tenant()
    good = {
        SESSION: platform.token(tenant, {"a": "kept"}),
        IDENTITY: platform.id_token(tenant),
        MEMBER: platform.member_token(tenant.workspace),
    }
    return Forge(platform, tenant, good)


def _signed(claims: object, private: Any, header: Claims, alg: str = "ES256") -> str:
    text = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return jwt.PyJWS().encode(text, private, algorithm=alg, headers=header)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(header: object, claims: object, signature: bytes) -> str:
    return ".".join(
        [_b64(json.dumps(header).encode()), _b64(json.dumps(claims).encode()), _b64(signature)]
    )


def _try(forge: Forge, token: str, kind: str) -> list[Answer]:
    """Knock at every door of a kind, and show that nothing has changed behind it."""
    adapters = forge.platform.adapters
    before = (len(adapters.audit.events), dict(adapters.sessions.payloads))
    answers = [send(method, path, token=token, body=body) for method, path, body in DOORS[kind]]
    assert (len(adapters.audit.events), adapters.sessions.payloads) == before
    return answers


def _refused(forge: Forge, token: str, kind: str) -> None:
    for answer in _try(forge, token, kind):
        assert (answer.status, answer.code) == (401, "token_invalid"), answer
        assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_platform_signs_is_accepted(forge: Forge, kind: str) -> None:
    # Without this, every refusal below could have another reason.
    for method, path, body in DOORS[kind]:
        for token in (forge.good[kind], forge.sign(forge.claims(kind), kind)):
            if kind != MEMBER or method == "GET":
                assert send(method, path, token=token, body=body).status == 200


def _none(forge: Forge, kind: str) -> str:
    return _raw({"alg": "none", "kid": forge.key.kid, "typ": TYP[kind]}, forge.claims(kind), b"")


def _none_in_capitals(forge: Forge, kind: str) -> str:
    return _raw({"alg": "NONE", "kid": forge.key.kid, "typ": TYP[kind]}, forge.claims(kind), b"")


def _hs256(forge: Forge, kind: str, secret: bytes) -> str:
    header = {"alg": "HS256", "kid": forge.key.kid, "typ": TYP[kind]}
    message = _raw(header, forge.claims(kind), b"").rstrip(".")
    return f"{message}.{_b64(hmac.digest(secret, message.encode(), hashlib.sha256))}"


def _hs256_with_the_public_key(forge: Forge, kind: str) -> str:
    return _hs256(forge, kind, forge.key.public)


def _hs256_with_the_public_key_as_pem(forge: Forge, kind: str) -> str:
    private = forge.platform.adapters.signatures.kms.private(forge.key)
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return _hs256(forge, kind, pem)


def _hs256_with_nothing(forge: Forge, kind: str) -> str:
    return _hs256(forge, kind, b"")


def _rs256(forge: Forge, kind: str) -> str:
    private = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    header = {"kid": forge.key.kid, "typ": TYP[kind]}
    return _signed(forge.claims(kind), private, header, alg="RS256")


def _es384(forge: Forge, kind: str) -> str:
    private = ec.generate_private_key(ec.SECP384R1())
    header = {"kid": forge.key.kid, "typ": TYP[kind]}
    return _signed(forge.claims(kind), private, header, alg="ES384")


def _es256_of_another_key(forge: Forge, kind: str) -> str:
    private = ec.generate_private_key(ec.SECP256R1())
    return _signed(forge.claims(kind), private, {"kid": forge.key.kid, "typ": TYP[kind]})


def _key_in_the_header(forge: Forge, kind: str) -> str:
    private = ec.generate_private_key(ec.SECP256R1())
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    header = {"kid": forge.key.kid, "typ": TYP[kind], "jwk": jwk}
    return _signed(forge.claims(kind), private, header)


def _key_by_address(forge: Forge, kind: str) -> str:
    private = ec.generate_private_key(ec.SECP256R1())
    header = {"kid": "evil", "typ": TYP[kind], "jku": "https://evil.example/jwks.json"}
    return _signed(forge.claims(kind), private, header)


def _no_kid(forge: Forge, kind: str) -> str:
    private = forge.platform.adapters.signatures.kms.private(forge.key)
    return _signed(forge.claims(kind), private, {"typ": TYP[kind]})


def _unknown_kid(forge: Forge, kind: str) -> str:
    return forge.sign(forge.claims(kind), kind, kid="../../dev/null")


def _no_signature(forge: Forge, kind: str) -> str:
    return forge.good[kind].rpartition(".")[0] + "."


def _zero_signature(forge: Forge, kind: str) -> str:
    # r = s = 0 verified against everything in one well-known implementation.
    return f"{forge.good[kind].rpartition('.')[0]}.{_b64(bytes(64))}"


def _altered_claims(forge: Forge, kind: str) -> str:
    header, _, signature = forge.good[kind].split(".")
    claims = forge.claims(kind, exp=forge.claims(kind)["exp"] + 1)
    return f"{header}.{_b64(json.dumps(claims).encode())}.{signature}"


def _critical_extension(forge: Forge, kind: str) -> str:
    return forge.sign(forge.claims(kind), kind, crit=["sf-unknown"], **{"sf-unknown": 1})


def _not_encoded(forge: Forge, kind: str) -> str:
    private = forge.platform.adapters.signatures.kms.private(forge.key)
    header = {"kid": forge.key.kid, "typ": TYP[kind], "b64": False, "crit": ["b64"]}
    message = json.dumps(forge.claims(kind)).encode()
    detached = jwt.PyJWS().encode(message, private, "ES256", header, is_payload_detached=True)
    return detached.replace("..", f".{_b64(message)}.")


FORGERIES: list[Callable[[Forge, str], str]] = [
    _none,
    _none_in_capitals,
    _hs256_with_the_public_key,
    _hs256_with_the_public_key_as_pem,
    _hs256_with_nothing,
    _rs256,
    _es384,
    _es256_of_another_key,
    _key_in_the_header,
    _key_by_address,
    _no_kid,
    _unknown_kid,
    _no_signature,
    _zero_signature,
    _altered_claims,
    _critical_extension,
    _not_encoded,
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda made: made.__name__.strip("_"))
def test_a_forged_token_is_refused(
    forge: Forge, forgery: Callable[[Forge, str], str], kind: str
) -> None:
    _refused(forge, forgery(forge, kind), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_of_one_kind_is_refused_wherever_another_is_wanted(forge: Forge, kind: str) -> None:
    for other in KINDS:
        if other != kind:
            _refused(forge, forge.good[other], kind)
            # The same claims under the header of the other kind are no token of that kind either.
            _refused(forge, forge.sign(forge.claims(other), kind), kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("typ", ["at+JWT ", "jwt+at", "", "JOSE", None, 7, "dpop+jwt", ["at+jwt"]])
def test_a_token_of_another_type_is_refused(forge: Forge, kind: str, typ: object) -> None:
    private = forge.platform.adapters.signatures.kms.private(forge.key)
    header = _b64(json.dumps({"alg": "ES256", "kid": forge.key.kid, "typ": typ}).encode())
    message = f"{header}.{forge.good[kind].split('.')[1]}"
    algorithm = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
    signature = algorithm.sign(message.encode(), private)
    _refused(forge, f"{message}.{_b64(signature)}", kind)


WRONG: dict[str, dict[str, list[Any]]] = {
    SESSION: {
        "iss": [f"{OWN_ORIGIN}/oidc/globex", f"{OWN_ORIGIN}/oidc/console", "https://evil.example"],
        "aud": [f"{OWN_ORIGIN}/api/v1/manage", "notes", [f"{OWN_ORIGIN}/api/v1/sessions"]],
        "client_id": ["console", "c" + "a" * 26],
        "app": ["a#b", "", 7],
        "wid": ["a#b", "", None],
        "sub": ["0", "-1", "1e15", "٤" * 16, "x", 7, str(2**53)],
        "sid": ["a#b", "", 7],
        "rev": ["1", True, None, 1.0],
    },
    IDENTITY: {
        "iss": ["https://evil.example/oidc/acme", f"{OWN_ORIGIN}/oidc"],
        "aud": [["c"], None, 7],
        "azp": ["someone-else", None],
        "sub": ["0", "x", 7],
    },
    MEMBER: {
        "iss": [f"{OWN_ORIGIN}/oidc/acme", "https://evil.example/oidc/console"],
        "aud": [f"{OWN_ORIGIN}/api/v1/sessions", [f"{OWN_ORIGIN}/api/v1/manage"]],
        "wid": ["", "a#b", 7],
        "sub": ["0", "x"],
    },
}


@pytest.mark.parametrize(
    ("kind", "claim", "value"),
    [
        (kind, claim, value)
        for kind, claims in WRONG.items()
        for claim, values in claims.items()
        for value in values
    ],
)
def test_a_signed_token_with_a_wrong_claim_is_refused(
    forge: Forge, kind: str, claim: str, value: object
) -> None:
    # "globex" exists, so that a mixed issuer is not just an unknown one.
    forge.platform.tenant("globex", "forms")
    _refused(forge, forge.sign(forge.claims(kind, **{claim: value}), kind), kind)


# What only describes a token, or how the person signed in, decides nothing when it is absent.
DESCRIPTIVE = {"jti", "amr", "email", "email_verified", "name", "nonce", "at_hash"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_that_lacks_a_claim_is_refused(forge: Forge, kind: str) -> None:
    for claim in forge.claims(kind).keys() - DESCRIPTIVE:
        _refused(forge, forge.sign(forge.claims(kind, **{claim: ...}), kind), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_times_that_are_none_are_refused(forge: Forge, kind: str) -> None:
    now = forge.platform.adapters.clock.now()
    for changes in (
        {"exp": str(now + 60)},
        {"exp": now + 60.5},
        {"exp": True},
        {"exp": None},
        {"exp": [now + 60]},
        {"iat": now + 31},
        {"iat": "now"},
        {"nbf": now + 31},
    ):
        _refused(forge, forge.sign(forge.claims(kind, **changes), kind), kind)
    for answer in _try(forge, forge.sign(forge.claims(kind, exp=now), kind), kind):
        assert (answer.status, answer.code) == (401, "token_expired")
    for answer in _try(forge, forge.sign(forge.claims(kind, exp=-(2**70)), kind), kind):
        assert answer.status == 401


def test_a_token_of_one_workspace_cannot_be_turned_to_another(forge: Forge) -> None:
    platform = forge.platform
    other = platform.tenant("globex", "notes")
    theirs, issued = platform.session(other, {"a": "of globex"})
    stolen = jwt.decode(issued.text, options={"verify_signature": False})
    for names in (("wid",), ("wid", "sub"), ("wid", "sub", "sid"), ("iss",), ("client_id",)):
        mixed = forge.claims(SESSION, **{name: stolen[name] for name in names})
        _refused(forge, forge.sign(mixed, SESSION), SESSION)
    # Everything but the issuer is theirs: the issuer must be that of the workspace.
    foreign = {**stolen, "iss": forge.claims(SESSION)["iss"]}
    _refused(forge, forge.sign(foreign, SESSION), SESSION)
    assert platform.adapters.sessions.heads[theirs.ref] == theirs


def test_a_signed_token_for_what_does_not_exist_finds_nothing(forge: Forge) -> None:
    for changes in ({"app": "forms"}, {"wid": "w" + "a" * 20}):
        for answer in _try(forge, forge.sign(forge.claims(SESSION, **changes), SESSION), SESSION):
            assert (answer.status, answer.code) == (404, "not_found")


def test_a_session_of_somebody_else_is_not_found_behind_ones_own_name(forge: Forge) -> None:
    platform, tenant = forge.platform, forge.tenant
    neighbour = Tenant(
        tenant.workspace,
        tenant.application,
        platform.user(tenant.workspace, "nils@acme.example"),
        "nils@acme.example",
    )
    theirs, _ = platform.session(neighbour, {"a": "of nils"})
    private = ec.generate_private_key(ec.SECP256R1())
    mixed = forge.claims(SESSION, sid=theirs.ref.sid)
    attackers = _signed(mixed, private, {"kid": forge.key.kid, "typ": "at+jwt"})
    _refused(forge, attackers, SESSION)
    # Even a signed token finds a session only in the partition that the same token names.
    for answer in _try(forge, forge.sign(mixed, SESSION), SESSION):
        assert (answer.status, answer.code) == (410, "session_ended")


def test_an_application_cannot_use_the_token_of_its_neighbour(forge: Forge) -> None:
    platform, tenant = forge.platform, forge.tenant
    forms = platform.application(tenant.workspace, tenant.user, "forms")
    for changes in (
        {"app": "forms"},
        {"client_id": forms.client_id},
    ):
        _refused(forge, forge.sign(forge.claims(SESSION, **changes), SESSION), SESSION)
    whole = forge.claims(SESSION, app="forms", client_id=forms.client_id)
    for answer in _try(forge, forge.sign(whole, SESSION), SESSION):
        assert (answer.status, answer.code) == (410, "session_ended")


def test_a_member_token_is_good_for_its_own_workspace_only(forge: Forge) -> None:
    other = forge.platform.tenant("globex")
    mixed = forge.claims(MEMBER, wid=other.workspace.id)
    for answer in _try(forge, forge.sign(mixed, MEMBER), MEMBER):
        assert (answer.status, answer.code) == (403, "forbidden")


def test_the_role_in_a_member_token_decides_nothing(forge: Forge) -> None:
    auditor = forge.platform.member_token(forge.tenant.workspace, Role.AUDITOR)
    claims = jwt.decode(auditor, options={"verify_signature": False}) | {"role": "owner"}
    method, path, body = DOORS[MEMBER][1]
    answer = send(method, path, token=forge.sign(claims, MEMBER), body=body)
    assert (answer.status, answer.code) == (403, "forbidden")


def test_a_key_that_is_retired_verifies_until_its_time_is_over(forge: Forge) -> None:
    platform = forge.platform
    now = platform.adapters.clock.now()
    fresh = platform.adapters.signatures.new_key()
    old = replace(forge.key, state=KeyState.RETIRED, not_after=now + 100)
    platform.adapters.keys._signing = {old.kid: old, fresh.kid: fresh}  # noqa: SLF001 - no port does
    platform.adapters.clock.pause(61)
    assert send("GET", "/api/v1/sessions", token=forge.good[SESSION]).status == 200
    platform.adapters.clock.pause(39)
    answer = send("GET", "/api/v1/sessions", token=forge.good[SESSION])
    assert (answer.status, answer.code) == (401, "token_invalid")


SLOW_START = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@pytest.mark.parametrize("kind", KINDS)
@SLOW_START
@given(data=st.data())
def test_no_signed_claims_lead_to_a_failure_of_ours(
    forge: Forge, kind: str, data: st.DataObject
) -> None:
    names = sorted(forge.claims(kind))
    changes = data.draw(st.dictionaries(st.sampled_from(names), JSON, min_size=1, max_size=4))
    token = forge.sign(forge.claims(kind, **changes), kind)
    for method, path, body in DOORS[kind]:
        answer = send(method, path, token=token, body=body)
        assert answer.status < 500, (changes, answer)


@SLOW_START
@given(header=JSON, claims=JSON, signature=st.binary(max_size=70))
def test_no_header_leads_to_a_failure_of_ours(
    forge: Forge, header: object, claims: object, signature: bytes
) -> None:
    known = {"alg": "ES256", "kid": forge.key.kid, "typ": "at+jwt"}
    for written in (header, {**known, **header} if isinstance(header, dict) else known):
        _refused(forge, _raw(written, claims, signature), SESSION)


@SLOW_START
@given(text=st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1))
def test_no_text_leads_to_a_failure_of_ours(forge: Forge, text: str) -> None:
    for token in (text, f"{text}.{text}.{text}", forge.good[SESSION] + text):
        for answer in _try(forge, token, SESSION):
            assert answer.status == 401
            assert answer.code in {"token_invalid", "token_missing"}


@SLOW_START
@given(at=st.integers(0, 10_000), to=st.sampled_from("ABCabc019-_.="))
def test_no_altered_letter_goes_unnoticed(forge: Forge, at: int, to: str) -> None:
    token = forge.good[SESSION]
    at %= len(token)
    altered = token[:at] + to + token[at + 1 :]
    answer = send("GET", "/api/v1/sessions", token=altered)
    last = at == len(token) - 1
    # The last letter of a signature has bits that mean nothing (86 letters hold 516 bits of 512).
    assert answer.status == 401 or altered == token or last
    assert answer.status < 500


def test_a_token_of_any_length_is_answered(forge: Forge) -> None:
    for length in (4_096, 4_097, 100_000):
        _refused(forge, "a" * length, SESSION)
    nested = "[" * 2_000 + "]" * 2_000
    _refused(forge, f"{_b64(nested.encode())[:3_000]}.e30.AA", SESSION)
    _refused(forge, f"{_b64(b'[' * 2_900)}.e30.AA", SESSION)
