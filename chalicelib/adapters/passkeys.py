"""Ceremonies of passkeys: options for browsers, and what they bring back held against them."""

from collections.abc import Sequence

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, options_to_json_dict, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from chalicelib.domain.limits import CEREMONY_SECONDS
from chalicelib.domain.passkeys import (
    Assertion,
    Attestation,
    Holder,
    Made,
    Passkey,
    RelyingParty,
    Shown,
    handle_of,
)
from chalicelib.domain.payloads import Payload

_PRODUCT = "secureFlows"
_MILLIS = CEREMONY_SECONDS * 1_000


class WebAuthnCeremonies:
    """Answers the port `Ceremonies`."""

    def to_make(
        self,
        party: RelyingParty,
        *,
        challenge: str,
        holder: Holder,
        known: Sequence[Passkey],
    ) -> Payload:
        options = generate_registration_options(
            rp_id=party.id,
            rp_name=_PRODUCT,
            user_id=holder.handle.encode(),
            user_name=holder.name,
            user_display_name=holder.display_name,
            challenge=base64url_to_bytes(challenge),
            timeout=_MILLIS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(
                    id=base64url_to_bytes(passkey.id),
                    transports=[AuthenticatorTransport(each) for each in passkey.transports],
                )
                for passkey in known
            ],
        )
        return options_to_json_dict(options)

    def to_show(self, party: RelyingParty, *, challenge: str) -> Payload:
        options = generate_authentication_options(
            rp_id=party.id,
            challenge=base64url_to_bytes(challenge),
            timeout=_MILLIS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    def made(self, party: RelyingParty, said: Attestation, *, challenge: str) -> Made | None:
        try:
            client_data = base64url_to_bytes(said.client_data)
            verified = verify_registration_response(
                credential=RegistrationCredential(
                    id=said.id,
                    raw_id=base64url_to_bytes(said.id),
                    response=AuthenticatorAttestationResponse(
                        client_data_json=client_data,
                        attestation_object=base64url_to_bytes(said.attestation_object),
                    ),
                ),
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=party.id,
                expected_origin=party.origin,
                require_user_verification=True,
            )
            if _is_framed(client_data) or verified.credential_id != base64url_to_bytes(said.id):
                return None
        except Exception:  # noqa: BLE001 - each layer of what a stranger sent fails in its own way
            return None
        return Made(
            id=said.id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            is_synced=_is_synced(verified),
            is_backed_up=verified.credential_backed_up,
            aaguid=verified.aaguid,
        )

    def shown(
        self, party: RelyingParty, said: Assertion, *, challenge: str, passkey: Passkey
    ) -> Shown | None:
        try:
            client_data = base64url_to_bytes(said.client_data)
            verified = verify_authentication_response(
                credential=AuthenticationCredential(
                    id=said.id,
                    raw_id=base64url_to_bytes(said.id),
                    response=AuthenticatorAssertionResponse(
                        client_data_json=client_data,
                        authenticator_data=base64url_to_bytes(said.authenticator_data),
                        signature=base64url_to_bytes(said.signature),
                    ),
                ),
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=party.id,
                expected_origin=party.origin,
                credential_public_key=passkey.public_key,
                # Whether the count follows on is for the caller: it tells of a copy, not of noise.
                credential_current_sign_count=0,
                require_user_verification=True,
            )
            if _is_framed(client_data) or not _names(said, passkey):
                return None
        except Exception:  # noqa: BLE001 - each layer of what a stranger sent fails in its own way
            return None
        return Shown(
            sign_count=verified.new_sign_count,
            is_synced=_is_synced(verified),
            is_backed_up=verified.credential_backed_up,
        )


def _names(said: Assertion, passkey: Passkey) -> bool:
    # Whoever showed it named nobody before, so the authenticator has to (section 7.2, step 6).
    handle = base64url_to_bytes(said.user_handle or "")
    return said.id == passkey.id and handle == handle_of(passkey.person).encode()


def _is_framed(client_data: bytes) -> bool:
    # Nobody frames our pages, and the library does not ask.
    return bool(parse_client_data_json(client_data).cross_origin)


def _is_synced(verified: VerifiedRegistration | VerifiedAuthentication) -> bool:
    return verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE
