"""Passkeys: keys that live in people's devices, what is kept of them, and what they prove."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.factors import Proof
from chalicelib.domain.ids import digest
from chalicelib.domain.keys import KeyKind, Place, Sealed
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import MFA

MAX_PASSKEY_NAME = 60
_TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal", "cable"})
# Who keeps a passkey, as far as authenticators say (AAGUID); a first name for the list, no proof.
_KEEPERS = {
    "08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
    "531126d6-e717-415c-9320-3d9aa6981239": "Dashlane",
    "53414d53-554e-4700-0000-000000000000": "Samsung Pass",
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": "Windows Hello",
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": "Windows Hello",
    "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome on Mac",
    "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
    "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
    "dd4ec289-e01d-41c9-bb89-70fa845d4bf2": "iCloud Keychain",
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "iCloud Keychain",
}


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whom passkeys are made for: one host and one origin, exactly."""

    id: str
    origin: str

    @classmethod
    def at(cls, origin: str) -> "RelyingParty":
        """Answer the relying party of a platform's origin."""
        return cls(id=urlsplit(origin).hostname or "", origin=origin)


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as kept: the public half, and what was seen of its authenticator.

    `id` is the credential's own, base64url. `sign_count` stays 0 where the authenticator does not
    count, as those do not that copy passkeys between devices. `digest` names it everywhere else.
    """

    id: str
    person: Person
    rp_id: str
    public_key: bytes
    sign_count: int
    is_synced: bool
    is_backed_up: bool
    transports: tuple[str, ...]
    aaguid: str
    name: Sealed
    created_at: int
    last_used_at: int | None = None

    @property
    def digest(self) -> str:
        """Answer what its items are named by."""
        return digest(self.id)

    @property
    def proof(self) -> Proof:
        """Answer what showing it is worth: a key and its owner's gesture (RFC 8176)."""
        return Proof("passkey", ("swk" if self.is_synced else "hwk", "user", MFA))


@dataclass(frozen=True, slots=True)
class Holder:
    """A person as authenticators list them; `handle` is opaque and names no address."""

    handle: str
    name: str = field(repr=False)
    display_name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a browser hands over of a passkey that was made, all of it base64url."""

    id: str
    client_data: str = field(repr=False)
    attestation_object: str = field(repr=False)
    transports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a browser hands over of a passkey that was shown, all of it base64url."""

    id: str
    client_data: str = field(repr=False)
    authenticator_data: str = field(repr=False)
    signature: str = field(repr=False)
    user_handle: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that was proven to have been made for us just now."""

    id: str
    public_key: bytes
    sign_count: int
    is_synced: bool
    is_backed_up: bool
    aaguid: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey that was proven to be in the hands of who verified themselves to it."""

    sign_count: int
    is_synced: bool
    is_backed_up: bool


def handle_of(person: Person) -> str:
    """Answer the handle of a person: one host serves all workspaces, so it names both."""
    return f"{person.workspace}.{person.user}"


def passkey_place(person: Person) -> Place:
    """Answer the only place in which the name of a person's passkey opens."""
    return Place(workspace=person.workspace, user=person.user, kind=KeyKind.IK, purpose="passkey")


def counts_on(kept: int, shown: int) -> bool:
    """Tell whether a sign count may follow on another; one that does not rise tells of a copy."""
    return shown > kept or shown == kept == 0


def transports_of(said: tuple[str, ...]) -> tuple[str, ...]:
    """Answer the known ways to an authenticator among those that a browser named."""
    return tuple(sorted(_TRANSPORTS & set(said)))


def first_name(aaguid: str) -> str:
    """Answer what a passkey is called until somebody names it."""
    return _KEEPERS.get(aaguid, "Passkey")


def passkey_name_of(text: str) -> str:
    """Answer a passkey's name as it is kept; raises `InvalidInput`."""
    name = " ".join(text.split())
    if not name or len(name) > MAX_PASSKEY_NAME or not name.isprintable():
        raise InvalidInput(
            "That name cannot be used.",
            Fault("/name", f"1 to {MAX_PASSKEY_NAME} printable characters"),
        )
    return name
