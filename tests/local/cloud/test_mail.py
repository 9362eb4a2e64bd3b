"""Mail that was sent can be read at /_aws/ses, whichever of the two services sent it."""

from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.engines import Engine

SENDER = "secureFlows <no-reply@secureflows.example>"


def test_both_parts_of_a_message_are_shown(moto_cloud: Engine) -> None:
    moto_cloud.fresh_stage()
    sent = moto_cloud.client("sesv2").send_email(
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": ["mira@demo.example"]},
        Content={
            "Simple": {
                "Subject": {"Data": "Your code: 123456"},
                "Body": {"Text": {"Data": "ümlaut"}, "Html": {"Data": "<p>code</p>"}},
            }
        },
    )
    message = _message(moto_cloud, sent["MessageId"])
    assert message.pop("Timestamp").startswith("20")
    assert message == {
        "Id": sent["MessageId"],
        "Region": "us-east-1",
        "Source": SENDER,
        "Destination": {"ToAddresses": ["mira@demo.example"]},
        "Subject": "Your code: 123456",
        "Body": {"text_part": "ümlaut", "html_part": "<p>code</p>"},
    }


def test_the_older_service_shows_the_same(moto_cloud: Engine) -> None:
    moto_cloud.fresh_stage()
    sent = moto_cloud.client("ses").send_email(
        Source=SENDER,
        Destination={"ToAddresses": ["mira@demo.example"]},
        Message={"Subject": {"Data": "Hi"}, "Body": {"Text": {"Data": "text"}}},
    )
    message = _message(moto_cloud, sent["MessageId"])
    assert message["Destination"] == {"ToAddresses": ["mira@demo.example"]}
    assert message["Body"] == {"text_part": "text", "html_part": None}


def test_a_raw_message_is_taken_apart(moto_cloud: Engine) -> None:
    moto_cloud.fresh_stage()
    raw = f"From: {SENDER}\r\nTo: mira@demo.example\r\nSubject: Raw\r\n\r\nbody\r\n"
    sent = moto_cloud.client("sesv2").send_email(
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": ["mira@demo.example"]},
        Content={"Raw": {"Data": raw.encode()}},
    )
    message = _message(moto_cloud, sent["MessageId"])
    assert message["Subject"] == "Raw"
    assert message["Body"]["text_part"].strip() == "body"


def test_an_unknown_sender_is_refused(moto_cloud: Engine) -> None:
    moto_cloud.fresh_stage()
    with pytest.raises(ClientError):
        moto_cloud.client("sesv2").send_email(
            FromEmailAddress="someone@elsewhere.example",
            Destination={"ToAddresses": ["mira@demo.example"]},
            Content={"Simple": {"Subject": {"Data": "Hi"}, "Body": {"Text": {"Data": "x"}}}},
        )


def _message(cloud: Engine, message_id: str) -> dict[str, Any]:
    messages: list[dict[str, Any]] = httpx.get(f"{cloud.endpoint}/_aws/ses").json()["messages"]
    (found,) = (message for message in messages if message["Id"] == message_id)
    return found
