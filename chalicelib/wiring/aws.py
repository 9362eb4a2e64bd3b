"""The adapters of AWS, each imported when it is first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.settings import Settings
from chalicelib.wiring.elsewhere import AwsElsewhere
from chalicelib.wiring.stores import TableStores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.adapters.clients import Clients
    from chalicelib.adapters.dynamodb.binding import Tables
    from chalicelib.adapters.objects import S3Objects
    from chalicelib.adapters.s3 import S3Client
    from chalicelib.domain.backups import BackupKind
    from chalicelib.domain.ports.crypto import Cipher, KeyPairs, Proofs, RootKey, Signatures
    from chalicelib.domain.ports.factors import OneTimeCodes
    from chalicelib.domain.ports.passkeys import Ceremonies
    from chalicelib.domain.ports.records import BackupVault
    from chalicelib.domain.ports.surroundings import Addresses, Clock, Mailer, Passwords, Schemas

# Imports stand inside the properties so that a cold start pays only for what its route touches.


class AwsAdapters(TableStores):
    """The outside world on AWS, or on whatever answers at the configured endpoints."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is imported or connected yet."""
        self._settings = settings

    @cached_property
    def clock(self) -> "Clock":
        from chalicelib.adapters.clock import SystemClock

        return SystemClock()

    @cached_property
    def mailer(self) -> "Mailer":
        from chalicelib.adapters.mail import SesMailer

        return SesMailer(self._clients.client("sesv2"), sender=self._settings.mail_from)

    @cached_property
    def passwords(self) -> "Passwords":
        from chalicelib.adapters.passwords import Argon2Passwords

        return Argon2Passwords()

    @cached_property
    def addresses(self) -> "Addresses":
        from chalicelib.adapters.addresses import EmailAddresses

        return EmailAddresses()

    @cached_property
    def schemas(self) -> "Schemas":
        from chalicelib.adapters.schemas import JsonSchemas

        return JsonSchemas()

    @cached_property
    def root_key(self) -> "RootKey":
        from chalicelib.adapters.kms import KmsRootKey

        return KmsRootKey(self._kms, key=self._settings.root_key)

    @cached_property
    def cipher(self) -> "Cipher":
        from chalicelib.adapters.sealing import EnvelopeCipher

        return EnvelopeCipher()

    @cached_property
    def signatures(self) -> "Signatures":
        from chalicelib.adapters.signing import KmsSignatures

        return KmsSignatures(self._kms, clock=self.clock)

    @cached_property
    def key_pairs(self) -> "KeyPairs":
        from chalicelib.adapters.key_pairs import KmsKeyPairs

        stage, alias = self._settings.stage, self._settings.signing_keys
        return KmsKeyPairs(self._kms, clock=self.clock, stage=stage, alias=alias)

    @cached_property
    def proofs(self) -> "Proofs":
        from chalicelib.adapters.proofs import JwsProofs

        return JwsProofs()

    @cached_property
    def elsewhere(self) -> AwsElsewhere:
        is_here = self._settings.is_on_loopback
        return AwsElsewhere(lambda: self.tables, self.clock, reaches_loopback=is_here)

    @cached_property
    def objects(self) -> "S3Objects":
        """The bucket of large payloads; its `on_call` is where calls are counted."""
        from chalicelib.adapters.objects import S3Objects

        return S3Objects(lambda: self._s3, bucket=self._settings.payload_bucket)

    @cached_property
    def one_time_codes(self) -> "OneTimeCodes":
        from chalicelib.adapters.one_time_codes import PyOtpCodes

        return PyOtpCodes()

    @cached_property
    def ceremonies(self) -> "Ceremonies":
        # It brings OpenSSL and ASN.1 along, a third of a second: only ceremonies wait for them.
        from chalicelib.adapters.passkeys import WebAuthnCeremonies

        return WebAuthnCeremonies()

    @cached_property
    def vaults(self) -> "Mapping[BackupKind, BackupVault]":
        from chalicelib.adapters.s3 import S3Vault
        from chalicelib.domain.backups import BackupKind

        return {
            BackupKind.DATA: S3Vault(self._s3, bucket=self._settings.backup_bucket),
            BackupKind.KEYS: S3Vault(self._s3, bucket=self._settings.key_backup_bucket),
        }

    @cached_property
    def tables(self) -> "Tables":
        """The one connection to DynamoDB; its `on_call` is where calls are counted."""
        from chalicelib.adapters.dynamodb.binding import Tables
        from chalicelib.adapters.dynamodb.connections import short

        pause = self.clock.pause
        connection = short(self._clients, pause=pause)
        return Tables(stage=self._settings.stage, connection=connection, pause=pause)

    @cached_property
    def _s3(self) -> "S3Client":
        client: S3Client = self._clients.client("s3")
        return client

    @cached_property
    def _kms(self) -> Any:  # noqa: ANN401 - botocore carries no types
        return self._clients.client("kms")

    @cached_property
    def _clients(self) -> "Clients":
        from chalicelib.adapters.clients import Clients

        return Clients()
