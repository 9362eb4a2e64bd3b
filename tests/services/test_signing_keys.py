"""Signing keys: known before they sign, and kept until the last token they signed is over."""

import jwt
import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.backups import DEPLOYMENT
from chalicelib.domain.errors import Duplicate, InvalidInput, NotFound
from chalicelib.domain.limits import MAX_TOKEN_SECONDS
from chalicelib.domain.tokens import KeyState, SigningAlg, SigningKey
from chalicelib.services.signing_keys import PUBLISHED_BEFORE_USE, SigningKeys
from chalicelib.services.tokens import Tokens
from tests.api.platform import Platform, Tenant, send

ES256, RS256 = SigningAlg.ES256, SigningAlg.RS256


@pytest.fixture
def keys(platform: Platform) -> SigningKeys:
    return platform.services.upkeep.signing_keys


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


def _states(keys: SigningKeys, alg: SigningAlg = ES256) -> list[KeyState]:
    return [key.state for key in keys.all() if key.alg is alg]


def _current(keys: SigningKeys, alg: SigningAlg = ES256) -> SigningKey:
    (found,) = [key for key in keys.all() if key.alg is alg and key.state is KeyState.CURRENT]
    return found


def _published() -> set[str]:
    answer = send("GET", "/oidc/acme/jwks.json")
    return {key["kid"] for key in answer.json()["keys"]}


def _kid(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def test_a_rotation_refuses_nobody(platform: Platform, tenant: Tenant, keys: SigningKeys) -> None:
    clock = platform.adapters.clock
    first = _current(keys)
    before = platform.token(tenant, {"a": 1})
    second = keys.add(ES256)
    assert (second.state, _kid(platform.token(tenant, {}))) == (KeyState.NEXT, first.kid)
    clock.pause(PUBLISHED_BEFORE_USE)
    assert _published() == {first.kid, second.kid}
    keys.promote(second.kid)
    clock.pause(60)
    after = platform.token(tenant, {})
    assert (_kid(before), _kid(after)) == (first.kid, second.kid)
    for token in (before, after):
        assert send("GET", "/api/v1/sessions", token=token).status == 200
    assert _states(keys) == [KeyState.RETIRED, KeyState.CURRENT]


def test_a_retired_key_verifies_as_long_as_its_last_token_may_live(
    platform: Platform, keys: SigningKeys
) -> None:
    platform.tenant()
    clock = platform.adapters.clock
    first = _current(keys)
    second = keys.add(ES256)
    clock.pause(PUBLISHED_BEFORE_USE)
    keys.promote(second.kid)
    with pytest.raises(InvalidInput, match=f"{MAX_TOKEN_SECONDS} seconds"):
        keys.forget(first.kid)
    clock.pause(MAX_TOKEN_SECONDS - 1)
    assert _published() == {first.kid, second.kid}
    clock.pause(1)
    assert _published() == {second.kid}
    keys.forget(first.kid)
    assert [key.kid for key in keys.all()] == [second.kid]


def test_nobody_signs_with_what_a_client_may_not_have_heard_of(
    platform: Platform, keys: SigningKeys
) -> None:
    first = _current(keys)
    second = keys.add(ES256)
    platform.adapters.clock.pause(PUBLISHED_BEFORE_USE - 1)
    with pytest.raises(InvalidInput, match="in 1 seconds"):
        keys.promote(second.kid)
    assert _current(keys) == first


def test_one_key_waits_at_a_time(keys: SigningKeys) -> None:
    _current(keys)
    waiting = keys.add(ES256)
    with pytest.raises(Duplicate, match=waiting.kid):
        keys.add(ES256)
    assert _states(keys) == [KeyState.CURRENT, KeyState.NEXT]


def test_the_first_key_of_an_algorithm_signs_at_once_beside_the_others(
    platform: Platform, tenant: Tenant, keys: SigningKeys
) -> None:
    tokens: Tokens = platform.services.tokens
    assert not tokens.signs(RS256)
    made = keys.add(RS256)
    platform.adapters.clock.pause(60)
    assert (made.state, tokens.signs(RS256), tokens.signs(ES256)) == (KeyState.CURRENT, True, True)
    assert _kid(platform.token(tenant, {})) == _current(keys).kid
    assert _published() == {made.kid, _current(keys).kid}
    # The functions may sign with what bears such a name, and with nothing else.
    assert platform.adapters.signatures.kms.aliases == {
        f"alias/memory-signing-{made.kid}": made.arn
    }


def test_what_is_promoted_or_forgotten_has_to_stand_right(keys: SigningKeys) -> None:
    current = _current(keys)
    for step in (keys.promote, keys.forget):
        with pytest.raises(InvalidInput, match="is current"):
            step(current.kid)
        with pytest.raises(NotFound):
            step("es1-00000000")


def test_every_step_is_recorded(platform: Platform, keys: SigningKeys) -> None:
    clock = platform.adapters.clock
    first = _current(keys)
    second = keys.add(ES256)
    clock.pause(PUBLISHED_BEFORE_USE)
    keys.promote(second.kid)
    clock.pause(MAX_TOKEN_SECONDS)
    keys.forget(first.kid)
    events = [event for event in platform.events if event.workspace == DEPLOYMENT]
    assert [(event.action, event.meta["kid"]) for event in events] == [
        (AuditAction.KEY_CREATED, second.kid),
        (AuditAction.KEY_ROTATED, second.kid),
        (AuditAction.KEY_RETIRED, first.kid),
    ]
