"""Makes keys that are disabled or about to be deleted refuse to work, as AWS does.

moto records the state of a key and then decrypts with it all the same. A test of sealing that
disables a key would prove nothing.
"""

from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.models import Key, KmsBackend
from moto.kms.responses import KmsResponse
from moto.kms.utils import _deserialize_ciphertext_blob

_original_decrypt = KmsBackend.decrypt
_original_sign_response = KmsResponse.sign


class KeyRefusal(JsonRESTError):
    """A key's state forbids the operation."""

    code = 400


def install() -> None:
    """Guard every operation that uses a key."""
    # GenerateDataKey, ReEncrypt and VerifyMac go through these.
    for name in ("encrypt", "sign", "verify", "generate_mac", "get_public_key"):
        setattr(KmsBackend, name, _guarded(getattr(KmsBackend, name), _require_usable))
    for name in ("enable_key", "disable_key", "enable_key_rotation", "disable_key_rotation"):
        setattr(KmsBackend, name, _guarded(getattr(KmsBackend, name), _require_kept))
    KmsBackend.decrypt = _decrypt  # type: ignore[method-assign]
    KmsResponse.sign = _sign_response  # type: ignore[method-assign]


def _guarded(original: Callable[..., Any], require: Callable[[Key], None]) -> Callable[..., Any]:
    def guarded(self: KmsBackend, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        key_id = kwargs.get("key_id") or args[0]
        key = self.keys.get(self.any_id_to_key_id(key_id))
        if key is not None:
            require(key)
        return original(self, *args, **kwargs)

    return guarded


def _decrypt(self: KmsBackend, ciphertext_blob: bytes, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
    try:
        key = self.keys.get(_deserialize_ciphertext_blob(ciphertext_blob).key_id)
    except Exception:  # noqa: BLE001 - moto itself answers what it cannot read
        key = None
    if key is not None:
        _require_usable(key)
    return _original_decrypt(self, ciphertext_blob, *args, **kwargs)


def _sign_response(self: KmsResponse) -> str:
    # moto would hash a digest a second time: a wrong signature that looks like a right one.
    if self._get_param("MessageType") == "DIGEST":
        raise KeyRefusal("ValidationException", "This engine signs with MessageType RAW only.")
    return _original_sign_response(self)


def _require_usable(key: Key) -> None:
    _require_kept(key)
    if not key.enabled:
        raise KeyRefusal("DisabledException", f"{key.arn} is disabled.")


def _require_kept(key: Key) -> None:
    if key.key_state == "PendingDeletion":
        raise KeyRefusal("KMSInvalidStateException", f"{key.arn} is pending deletion.")
