"""What every root key must do: in memory, and KMS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from chalicelib.adapters.kms import KmsRootKey
from chalicelib.domain.errors import KeyUnavailable, KmsUnavailable, Unopenable
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.keys import Purpose, workspace_key_context
from chalicelib.domain.ports.crypto import RootKey
from tests.contracts import cloud
from tests.fakes.crypto import MemoryRootKey

ALIAS = "alias/secureflows"
CONTEXT = workspace_key_context(WorkspaceId("w" + "a" * 20), purpose=Purpose.DATA, version=1)


@dataclass(frozen=True)
class Case:
    root: RootKey
    disable: Callable[[], object]
    enable: Callable[[], object]


@pytest.fixture(params=["memory", "kms"])
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    if request.param == "memory":
        memory = MemoryRootKey()
        yield Case(
            root=memory,
            disable=lambda: setattr(memory, "is_enabled", False),
            enable=lambda: setattr(memory, "is_enabled", True),
        )
        return
    with cloud.client("kms") as kms:
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=ALIAS, TargetKeyId=key)
        yield Case(
            root=KmsRootKey(kms, key=ALIAS),
            disable=lambda: kms.disable_key(KeyId=key),
            enable=lambda: kms.enable_key(KeyId=key),
        )


def test_a_wrapped_key_comes_back(case: Case) -> None:
    plain, wrapped, arn = case.root.new_key(CONTEXT)
    assert case.root.unwrap(wrapped, arn=arn, context=CONTEXT) == plain
    assert len(plain) == 32
    assert plain not in wrapped


def test_the_root_key_is_named_by_its_arn(case: Case) -> None:
    _, _, arn = case.root.new_key(CONTEXT)
    assert arn.startswith("arn:aws:kms:")
    assert ":key/" in arn


def test_no_two_keys_are_alike(case: Case) -> None:
    assert case.root.new_key(CONTEXT)[0] != case.root.new_key(CONTEXT)[0]


@pytest.mark.parametrize("member", sorted(CONTEXT))
def test_a_key_with_another_context_does_not_open(case: Case, member: str) -> None:
    _, wrapped, arn = case.root.new_key(CONTEXT)
    with pytest.raises(Unopenable):
        case.root.unwrap(wrapped, arn=arn, context={**CONTEXT, member: "other"})


def test_a_key_without_its_context_does_not_open(case: Case) -> None:
    _, wrapped, arn = case.root.new_key(CONTEXT)
    with pytest.raises(Unopenable):
        case.root.unwrap(wrapped, arn=arn, context={})


def test_a_wrapped_key_with_an_altered_byte_does_not_open(case: Case) -> None:
    _, wrapped, arn = case.root.new_key(CONTEXT)
    with pytest.raises(Unopenable):
        case.root.unwrap(wrapped[:-1] + bytes([wrapped[-1] ^ 1]), arn=arn, context=CONTEXT)


def test_a_disabled_key_neither_wraps_nor_unwraps(case: Case) -> None:
    _, wrapped, arn = case.root.new_key(CONTEXT)
    case.disable()
    with pytest.raises(KeyUnavailable):
        case.root.unwrap(wrapped, arn=arn, context=CONTEXT)
    with pytest.raises(KeyUnavailable):
        case.root.new_key(CONTEXT)


def test_a_key_that_is_enabled_again_opens_what_it_wrapped(case: Case) -> None:
    plain, wrapped, arn = case.root.new_key(CONTEXT)
    case.disable()
    case.enable()
    assert case.root.unwrap(wrapped, arn=arn, context=CONTEXT) == plain


def test_an_unknown_root_key_is_unavailable(case: Case) -> None:
    _, wrapped, arn = case.root.new_key(CONTEXT)
    gone = arn.rpartition("/")[0] + "/00000000-0000-0000-0000-000000000000"
    with pytest.raises(KeyUnavailable):
        case.root.unwrap(wrapped, arn=gone, context=CONTEXT)


def test_a_key_service_that_does_not_answer_is_unavailable() -> None:
    with cloud.unreachable("kms") as kms:
        root = KmsRootKey(kms, key=ALIAS)
        with pytest.raises(KmsUnavailable):
            root.new_key(CONTEXT)
        with pytest.raises(KmsUnavailable):
            root.unwrap(b"wrapped", arn="arn:aws:kms:eu-central-1:0:key/x", context=CONTEXT)
