"""Promise 7 and 12: whatever comes as a token gets a clear answer."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.platform import Platform, send
from tests.promises.forge import DOORS, KINDS, SESSION, Forge, b64, forge_on, knock, raw, refused


@pytest.fixture
def forge(platform: Platform) -> Forge:
    return forge_on(platform)


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
        refused(forge, raw(written, claims, signature), SESSION)


@SLOW_START
@given(text=st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1))
def test_no_text_leads_to_a_failure_of_ours(forge: Forge, text: str) -> None:
    for token in (text, f"{text}.{text}.{text}", forge.good[SESSION] + text):
        for answer in knock(forge, token, SESSION):
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
        refused(forge, "a" * length, SESSION)
    nested = "[" * 2_000 + "]" * 2_000
    refused(forge, f"{b64(nested.encode())[:3_000]}.e30.AA", SESSION)
    refused(forge, f"{b64(b'[' * 2_900)}.e30.AA", SESSION)
