"""What every mailer must do: the one in memory, and SES."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from chalicelib.adapters.mail import SesMailer
from chalicelib.domain.errors import StoreUnavailable
from chalicelib.domain.ports.surroundings import Mail, Mailer
from tests.contracts import cloud
from tests.fakes.surroundings import MemoryMailer

SENDER = "secureFlows <no-reply@secureflows.example>"
MAIL = Mail(
    to="ann@demo.example",
    subject="Dein Code für Grüße",
    text="Der Code ist 123456.\nZwei Zeilen.",
    html="<p>Der Code ist <b>123456</b>.</p>",
)


@dataclass(frozen=True)
class Case:
    mailer: Mailer
    received: Callable[[], Sequence[tuple[list[str], str]]]
    refuse: Callable[[], object]


@pytest.fixture(params=["memory", "ses"])
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    if request.param == "memory":
        memory = MemoryMailer()
        yield Case(
            mailer=memory,
            received=lambda: [([mail.to], mail.subject) for mail in memory.sent],
            refuse=lambda: setattr(memory, "is_reachable", False),
        )
        return
    with cloud.client("sesv2") as ses:
        ses.create_email_identity(EmailIdentity="no-reply@secureflows.example")
        backend = ses_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"]
        yield Case(
            mailer=SesMailer(ses, sender=SENDER),
            received=lambda: [
                (message.destinations["ToAddresses"], message.subject)
                for message in backend.sent_messages
            ],
            refuse=lambda: backend.delete_identity("no-reply@secureflows.example"),
        )


def test_a_mail_arrives_with_its_subject_unharmed(case: Case) -> None:
    case.mailer.send(MAIL)
    assert case.received() == [(["ann@demo.example"], "Dein Code für Grüße")]


def test_a_refused_mail_is_an_error_that_names_nobody(case: Case) -> None:
    case.refuse()
    with pytest.raises(StoreUnavailable) as caught:
        case.mailer.send(MAIL)
    assert "ann" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert case.received() == []


def test_both_parts_and_their_charset_are_handed_over() -> None:
    requests: list[dict[str, object]] = []

    class Recorder:
        def send_email(self, **request: object) -> dict[str, object]:
            requests.append(request)
            return {"MessageId": "1"}

    SesMailer(Recorder(), sender=SENDER).send(MAIL)
    assert requests == [
        {
            "FromEmailAddress": SENDER,
            "Destination": {"ToAddresses": ["ann@demo.example"]},
            "Content": {
                "Simple": {
                    "Subject": {"Data": MAIL.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": MAIL.text, "Charset": "UTF-8"},
                        "Html": {"Data": MAIL.html, "Charset": "UTF-8"},
                    },
                }
            },
        }
    ]


def test_a_mail_service_that_does_not_answer_is_unavailable() -> None:
    with cloud.unreachable("sesv2") as ses, pytest.raises(StoreUnavailable):
        SesMailer(ses, sender=SENDER).send(MAIL)
