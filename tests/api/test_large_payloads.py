"""Payloads of any size that is allowed: the same routes, the same answers, nothing in between."""

import json

import pytest

from chalicelib.domain.errors import PayloadTooLarge
from chalicelib.domain.keys import Sealed
from chalicelib.domain.limits import (
    MAX_ANSWER_BYTES,
    MAX_INLINE_BYTES,
    MAX_ITEM_CIPHERTEXT,
    MAX_PAYLOAD_BYTES,
)
from chalicelib.domain.objects import SealedObject
from chalicelib.domain.payloads import JsonValue, Payload, encode
from chalicelib.domain.sessions import SessionRef
from tests.api.platform import Platform, Tenant, send

PATH = "/api/v1/sessions"


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant(payload_bytes=MAX_PAYLOAD_BYTES)


def of_size(size: int) -> Payload:
    """A payload whose JSON has so many bytes."""
    return {"a": "x" * (size - len('{"a":""}'))}


def raw(payload: Payload) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


SIZES = [MAX_INLINE_BYTES, MAX_INLINE_BYTES + 1, 1_000_000, MAX_PAYLOAD_BYTES]


@pytest.mark.parametrize("size", SIZES)
def test_a_payload_of_any_size_reads_back_byte_for_byte(
    platform: Platform, tenant: Tenant, size: int
) -> None:
    token, body = platform.token(tenant), raw(of_size(size))
    assert len(body) == size
    written = send("PUT", PATH, token=token, raw=body)
    assert (written.status, written.body.encode()) == (200, body)
    read = send("GET", PATH, token=token)
    assert (read.body.encode(), read.headers["etag"]) == (body, written.headers["etag"])
    one = send("GET", f"{PATH}/get/a", token=token)
    assert one.json() == {"key": "a", "value": "x" * (size - 8)}


@pytest.mark.parametrize("size", SIZES)
def test_what_fits_in_an_item_lies_in_it_and_the_rest_in_an_object(
    platform: Platform, tenant: Tenant, size: int
) -> None:
    head, issued = platform.session(tenant)
    send("PUT", PATH, token=issued.text, raw=raw(of_size(size)))
    sealed = platform.adapters.sessions.payloads[head.ref].sealed
    if size > MAX_INLINE_BYTES:
        assert isinstance(sealed, SealedObject)
        assert list(platform.adapters.objects.there) == [sealed.key]
        assert size < sealed.length < size + 1_024
    else:
        assert isinstance(sealed, Sealed)
        assert len(sealed.ciphertext) <= MAX_ITEM_CIPHERTEXT
        assert not platform.adapters.objects.calls


def test_the_limit_of_the_application_holds_to_the_byte(platform: Platform, tenant: Tenant) -> None:
    token = platform.token(tenant, {"kept": 1})
    answer = send("PUT", PATH, token=token, raw=raw(of_size(MAX_PAYLOAD_BYTES + 1)))
    assert (answer.status, answer.code) == (413, "payload_too_large")
    assert send("GET", PATH, token=token).json() == {"kept": 1}
    assert not platform.adapters.objects.calls


@pytest.mark.parametrize("text", ["ü", '"', "\\", "\n", "😀", "\x01", "x", "語"])
def test_whatever_is_taken_can_be_answered(text: str) -> None:
    refused = False
    for count in range(100_000, 4_300_000, 100_000):
        payload: dict[str, JsonValue] = {"a": text * count}
        try:
            plain = encode(payload, limit=MAX_PAYLOAD_BYTES)
        except PayloadTooLarge:
            refused = True
            break
        # Lambda may write its answer in ASCII.
        assert len(json.dumps(plain.decode())) <= MAX_ANSWER_BYTES
    assert refused


def test_an_answer_beyond_lambda_s_limit_is_refused_before_it_is_stored(
    platform: Platform, tenant: Tenant
) -> None:
    token = platform.token(tenant, {"kept": 1})
    answer = send("PUT", PATH, token=token, raw=raw({"a": "ü" * 1_500_000}))
    assert (answer.status, answer.code) == (413, "payload_too_large")
    assert send("GET", PATH, token=token).json() == {"kept": 1}


def test_a_key_at_a_time_a_payload_grows_into_an_object_and_out_of_it(
    platform: Platform, tenant: Tenant
) -> None:
    token, text = platform.token(tenant), "x" * 300_000
    for number in range(4):
        answer = send("POST", f"{PATH}/set/k{number}", token=token, body={"value": text})
        assert answer.json() == {f"k{n}": text for n in range(number + 1)}
        assert len(platform.adapters.objects.there) == (number > 0)
    for number in range(3):
        assert send("DELETE", f"{PATH}/delete/k{number}", token=token).body == "true"
    assert send("GET", PATH, token=token).json() == {"k3": text}
    assert not platform.adapters.objects.there


@pytest.mark.parametrize("route", ["", "/get-or-create"])
def test_a_session_begins_with_a_large_payload_and_renews(
    platform: Platform, tenant: Tenant, route: str
) -> None:
    payload = of_size(MAX_PAYLOAD_BYTES)
    body = {"workspaceName": "acme", "payload": payload}
    begun = send("POST", f"{PATH}{route}", token=platform.id_token(tenant), body=body)
    assert begun.status == 200
    old = begun.json()["sessionToken"]
    answer = send(
        "POST", f"{PATH}/renew", token=platform.id_token(tenant), body={"sessionToken": old}
    )
    assert answer.json()["payload"] == payload
    token = answer.json()["sessionToken"]
    assert len(platform.adapters.objects.there) == 1
    assert send("POST", f"{PATH}/revoke", token=token).status == 200
    assert not platform.adapters.objects.there


def test_a_sign_in_brings_no_more_than_fits_in_its_head(platform: Platform, tenant: Tenant) -> None:
    arrival = platform.arrival(tenant)
    with pytest.raises(PayloadTooLarge) as refused:
        platform.services.sessions.enter(arrival, seed=of_size(MAX_INLINE_BYTES + 1))
    assert refused.value.hint is not None
    head = platform.services.sessions.enter(arrival, seed=of_size(MAX_INLINE_BYTES))
    assert head.seed is not None
    assert len(head.seed.ciphertext) <= MAX_ITEM_CIPHERTEXT


def test_without_the_store_of_objects_large_payloads_wait_and_small_ones_do_not(
    platform: Platform, tenant: Tenant
) -> None:
    token, large = platform.token(tenant), of_size(500_000)
    assert send("PUT", PATH, token=token, body=large).status == 200
    objects = platform.adapters.objects
    objects.is_reachable = False
    for method, body in (("GET", None), ("PUT", of_size(600_000)), ("PATCH", {"b": 1})):
        answer = send(method, PATH, token=token, body=body)
        assert (answer.status, answer.code) == (503, "store_unavailable")
    assert send("GET", f"{PATH}/identity", token=token).status == 200
    # What is replaced by a small one is deleted later.
    assert send("PUT", PATH, token=token, body={"c": 1}).status == 200
    assert send("GET", PATH, token=token).json() == {"c": 1}
    assert len(objects.there) == 1
    objects.is_reachable = True
    platform.adapters.clock.pause(25 * 3_600)
    assert platform.services.upkeep.orphans.sweep(limit=10, seconds=10)["removed"] == 1


def test_an_end_does_not_wait_for_the_store_of_objects(platform: Platform, tenant: Tenant) -> None:
    token = platform.token(tenant)
    send("PUT", PATH, token=token, body=of_size(500_000))
    platform.adapters.objects.is_reachable = False
    assert send("POST", f"{PATH}/revoke", token=token).status == 200
    assert send("GET", PATH, token=token).status == 410


def test_a_put_whose_answer_was_lost_is_made_again_under_another_key(
    platform: Platform, tenant: Tenant
) -> None:
    objects = platform.adapters.objects
    put = objects.put
    keys: list[str] = []

    def put_and_lose(ref: SessionRef, key: str, body: bytes) -> str:
        keys.append(key)
        version = put(ref, key, body)
        # What a client does when no answer comes.
        return put(ref, key, body) if len(keys) == 1 else version

    objects.put = put_and_lose  # type: ignore[method-assign]
    token = platform.token(tenant)
    assert send("PUT", PATH, token=token, body=of_size(500_000)).status == 200
    assert send("GET", PATH, token=token).json() == of_size(500_000)
    assert keys == list(objects.there)
    platform.adapters.clock.pause(25 * 3_600)
    platform.services.upkeep.orphans.sweep(limit=10, seconds=10)
    assert keys[1:] == list(objects.there)


def test_no_ciphertext_is_shown(platform: Platform, tenant: Tenant) -> None:
    head, issued = platform.session(tenant)
    send("PUT", PATH, token=issued.text, body={"a": 1})
    small = platform.adapters.sessions.payloads[head.ref]
    assert isinstance(small.sealed, Sealed)
    assert "ciphertext" not in repr(small)
    assert repr(small.sealed.ciphertext)[2:20] not in repr(small)
