"""People's devices at the login: asked for a passkey, and handing it over."""

from typing import Any

from chalicelib.domain.ids import new_secret
from chalicelib.domain.passkeys import Assertion, Attestation, Holder, Passkey, handle_of
from chalicelib.domain.sessions import Person
from tests.api.platform import Answer, Platform, Tenant
from tests.api.visitor import Visitor
from tests.builders import some_event, some_sealed
from tests.device import Device


def holding(platform: Platform, tenant: Tenant, device: Device | None = None) -> Device:
    """A device with a passkey of the tenant's person."""
    device = device or Device()
    ceremonies, desk = platform.adapters.ceremonies, platform.services.passkeys
    person, challenge = Person(tenant.workspace.id, tenant.user), new_secret()
    holder = Holder(handle=handle_of(person), name=tenant.email, display_name="Anna")
    options: Any = ceremonies.to_make(desk.party, challenge=challenge, holder=holder, known=())
    made = ceremonies.made(desk.party, device.make(options), challenge=challenge)
    assert made is not None
    passkey = Passkey(
        id=made.id,
        person=person,
        rp_id=desk.party.id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        is_synced=made.is_synced,
        is_backed_up=made.is_backed_up,
        transports=("internal",),
        aaguid=made.aaguid,
        name=some_sealed(),
        created_at=platform.adapters.clock.now(),
    )
    platform.adapters.passkeys.add(passkey, some_event(tenant.workspace.id))
    return device


def asked(visitor: Visitor) -> Any:
    answer = visitor.step("passkey/options")
    assert answer.status == 200
    return answer.json()


def sent(said: Assertion) -> dict[str, Any]:
    return {
        "id": said.id,
        "clientDataJSON": said.client_data,
        "authenticatorData": said.authenticator_data,
        "signature": said.signature,
        "userHandle": said.user_handle,
    }


def sent_new(said: Attestation) -> dict[str, Any]:
    return {
        "id": said.id,
        "clientDataJSON": said.client_data,
        "attestationObject": said.attestation_object,
        "transports": list(said.transports),
    }


def shown(visitor: Visitor, device: Device, **lies: Any) -> Answer:
    """Ask, show and hand over, as the page would."""
    ceremony = asked(visitor)
    said = device.show(ceremony["options"], **lies)
    return handed(visitor, ceremony["challenge"], said)


def handed(visitor: Visitor, challenge: str, said: Assertion, **more: Any) -> Answer:
    return visitor.step("passkey", challenge=challenge, credential=sent(said), **more)


def kept(platform: Platform, tenant: Tenant, device: Device) -> Passkey:
    (found,) = [
        each
        for each in platform.adapters.passkeys.of(Person(tenant.workspace.id, tenant.user))
        if each.id == device.id
    ]
    return found
