"""What was stored once opens for ever: messages made on 22 November 2026 with fixed keys.

When one of these fails, stored data can no longer be read. Change the code, not the test.
"""

from chalicelib.adapters.sealing import EnvelopeCipher
from chalicelib.domain.ids import SessionId, UserId, WorkspaceId
from chalicelib.domain.keys import KeyKind, Place, user_key_context

CIPHER = EnvelopeCipher()
WORKSPACE_KEY = bytes(range(32))
USER_KEY = bytes(range(32, 64))
WORKSPACE = WorkspaceId("waaaaaaaaaaaaaaaaaaaa")
USER = UserId(1_000_000_000_000_001)
SESSION = SessionId("01ARZ3NDEKTSV4RRFFQ69G5FAV")

WRAPPED = bytes.fromhex(
    "01cb9837f38823801b4ee9a3a46eebe97664465d4b43ef4708b79519ceeb81227e6ca75f6f3ad567e3387f04"
    "3cb3faa65cd0e1aa1df7ce71e4395e2a9e"
)

SEALED_PAYLOAD = bytes.fromhex(
    "020478bada51c33901f250b7bffa01f5fa828d8a3297498124f81c9866b6ce8eb02c3c009e0006000e73663a"
    "6170706c69636174696f6e000473686f70000a73663a707572706f736500077061796c6f6164000a73663a73"
    "657373696f6e001a303141525a334e44454b54535634525246465136394735464156000773663a7573657200"
    "1031303030303030303030303030303031000473663a76000131000c73663a776f726b737061636500157761"
    "616161616161616161616161616161616161610001000b736563757265666c6f7773003f7761616161616161"
    "616161616161616161616161612f313030303030303030303030303030312f646b2f31000000800000000c9b"
    "f6354a44fa985d48f630870030b5f26c3321df8cccf39ade42c61322a7e5b52585987cc3fe7cab3f98d66c47"
    "25875aa1e6b1dace6e218f42bfa4d96f8d020040008009123ccd753675774ca2d9d13d57154b72ed7a8dea5a"
    "1fcb603fba0e384fbb364a6e182dc388d8f3055bca54460bcd6fffffffff0000000100000000000000000000"
    "00010000001ab9ff644894e731e7d9e949c87d8ad1df695f4aa4d29775b031d1f287fdd93f29630b842b6156"
    "ac863023"
)

SEALED_PROFILE = bytes.fromhex(
    "020478687612575595858d527f77c57eec454182d231923e1b974f3e7193d2949996bc00600004000a73663a"
    "707572706f7365000770726f66696c65000773663a7573657200103130303030303030303030303030303100"
    "0473663a76000131000c73663a776f726b737061636500157761616161616161616161616161616161616161"
    "610001000b736563757265666c6f7773003f7761616161616161616161616161616161616161612f31303030"
    "3030303030303030303030312f696b2f33000000800000000c1742cc6d0ba364311a766caf00302b9f4981a4"
    "6c8ca501fdd2c436bbcad4ba95f983df44d764e7a3890aad3560169f3a58373c28b71279102ed08c9ec8e002"
    "004000800edc86aa1fdd8fd8c01d45bf5c368a41c8553765c245c14315b7195ae9fd8b9c501ee2d0a570fc76"
    "354c5086b179d9dbffffffff0000000100000000000000000000000100000010914fdeb1ea25447ee6e71b13"
    "d821b3fcdacbff1d559ac63ee60c91adc6aebdfa"
)


def test_a_user_key_that_was_wrapped_then_opens_today() -> None:
    context = user_key_context(WORKSPACE, USER, kind=KeyKind.DK, version=1, workspace_version=1)
    assert CIPHER.unwrap(WRAPPED, under=WORKSPACE_KEY, context=context) == USER_KEY


def test_a_payload_that_was_sealed_then_opens_today() -> None:
    place = Place(
        workspace=WORKSPACE,
        user=USER,
        kind=KeyKind.DK,
        purpose="payload",
        app="shop",
        session=SESSION,
    )
    plain = CIPHER.open(SEALED_PAYLOAD, key=USER_KEY, version=1, place=place)
    assert plain.decode() == '{"greeting":"grüß dich"}'


def test_a_profile_that_was_sealed_then_opens_today() -> None:
    place = Place(workspace=WORKSPACE, user=USER, kind=KeyKind.IK, purpose="profile")
    plain = CIPHER.open(SEALED_PROFILE, key=USER_KEY, version=3, place=place)
    assert plain == b"ann@demo.example"


def test_a_lookup_that_was_made_then_is_found_today() -> None:
    found = CIPHER.lookup("ann@demo.example", key=WORKSPACE_KEY, info="email")
    assert found == "0Dt0Xpj1PIJwiTHC533n8jT9dyrzjxor-CQ7YlHQipc"
