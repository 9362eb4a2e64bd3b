"""Mail, handed to Amazon SES."""

from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import StoreUnavailable
from chalicelib.domain.ports.surroundings import Mail


class SesClient(Protocol):
    """The part of boto3's SESv2 client that mail needs."""

    def send_email(self, **request: object) -> dict[str, object]:
        """Send one message."""
        ...


class SesMailer:
    """Answers the port `Mailer`; `sender` is a verified address, with a display name or without."""

    def __init__(self, client: SesClient, *, sender: str) -> None:
        self._client = client
        self._sender = sender

    def send(self, mail: Mail) -> None:
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [mail.to]},
                Content={
                    "Simple": {
                        "Subject": _utf8(mail.subject),
                        "Body": {"Text": _utf8(mail.text), "Html": _utf8(mail.html)},
                    }
                },
            )
        except (BotoCoreError, ClientError):
            # What SES says quotes the address.
            raise StoreUnavailable("The mail was not accepted. Try again.") from None


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
