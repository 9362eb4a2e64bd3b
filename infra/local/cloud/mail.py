"""Shows the mail that was sent, in the shape in which LocalStack shows it."""

import email
import email.policy
import json
from datetime import UTC, datetime
from typing import Any

from moto.ses.models import ses_backends
from moto.ses.responses import EmailResponse
from moto.sesv2.responses import SESV2Response

PATH = "/_aws/ses"

_original_send = EmailResponse.send_email
_original_send_raw = EmailResponse.send_raw_email
_original_send_v2 = SESV2Response.send_email


def install() -> None:
    """Keep both parts of a message and its time, of which moto keeps one part and no time."""
    EmailResponse.send_email = _send  # type: ignore[method-assign]
    EmailResponse.send_raw_email = _send_raw  # type: ignore[method-assign]
    SESV2Response.send_email = _send_v2  # type: ignore[method-assign]


def sent() -> list[dict[str, Any]]:
    """Every message sent so far, oldest first."""
    messages = [
        _described(message, region)
        for _, region, backend in ses_backends.iter_backends()
        for message in backend.sent_messages  # type: ignore[attr-defined]
    ]
    return sorted(messages, key=lambda message: str(message["Timestamp"]))


def _send(self: EmailResponse) -> Any:  # noqa: ANN401
    result = _original_send(self)
    text = self._get_param("Message.Body.Text.Data")
    html = self._get_param("Message.Body.Html.Data")
    _note(self.backend.sent_messages[-1], text, html)
    return result


def _send_raw(self: EmailResponse) -> Any:  # noqa: ANN401
    result = _original_send_raw(self)
    _note(self.backend.sent_messages[-1], None, None)
    return result


def _send_v2(self: SESV2Response) -> str:
    result = _original_send_v2(self)
    body = json.loads(self.body)["Content"].get("Simple", {}).get("Body", {})
    text, html = (body.get(part, {}).get("Data") for part in ("Text", "Html"))
    _note(self.sesv2_backend.core_backend.sent_messages[-1], text, html)
    return result


def _note(message: Any, text: str | None, html: str | None) -> None:  # noqa: ANN401
    message.parts = {"text_part": text, "html_part": html}
    # The outbox shows when a message came in; the product's clock has no part in it.
    message.sent_at = datetime.now(UTC).isoformat()  # noqa: TID251


def _described(message: Any, region: str) -> dict[str, Any]:  # noqa: ANN401
    destinations = message.destinations
    described = {
        "Id": message.id,
        "Region": region,
        "Source": message.source,
        "Timestamp": getattr(message, "sent_at", ""),
    }
    if hasattr(message, "raw_data"):
        parsed = email.message_from_string(message.raw_data, policy=email.policy.default)
        parts = {}
        for name, kind in (("text_part", "plain"), ("html_part", "html")):
            part = parsed.get_body((kind,))
            parts[name] = None if part is None else part.get_content()
        return described | {
            "Destination": {"ToAddresses": list(destinations)},
            "Subject": str(parsed["Subject"] or ""),
            "Body": parts,
            "RawData": message.raw_data,
        }
    return described | {
        "Destination": destinations,
        "Subject": getattr(message, "subject", ""),
        "Body": getattr(message, "parts", {"text_part": None, "html_part": None}),
    }
