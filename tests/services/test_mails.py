from html.parser import HTMLParser

import pytest

from chalicelib.domain.ports.surroundings import Mail
from chalicelib.services.mails import (
    code_mail,
    factor_mail,
    password_mail,
    recovery_mail,
    reset_mail,
    taken_mail,
    unknown_mail,
)

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<a href='https://evil.example'>Win</a>",
    "&lt;b&gt;",
    "Notes\r\nBcc: all@acme.example",
    "Notes\n\nYour account is locked: https://evil.example",
    "Notes\u2028\u202e",
]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        assert {name for name, _ in attrs} <= {"style"}

    def handle_data(self, data: str) -> None:
        self.words += data


def _mails(application: str) -> list[Mail]:
    return [
        code_mail("mira@acme.example", code="048291", application=application),
        taken_mail("mira@acme.example", application=application),
        reset_mail("mira@acme.example", code="048291", application=application),
        unknown_mail("mira@acme.example", application=application),
        *(
            notice("mira@acme.example")
            for notice in (
                password_mail(place=application),
                factor_mail("added", place=application),
                factor_mail("removed", place=application),
                factor_mail("recovery", place=application),
                recovery_mail(3, place=application),
            )
        ),
    ]


@pytest.mark.parametrize("application", NASTY)
def test_a_name_cannot_write_into_a_message(application: str) -> None:
    for mail, plain in zip(_mails(application), _mails("Notes"), strict=True):
        tags, plain_tags = _Tags(), _Tags()
        tags.feed(mail.html)
        plain_tags.feed(plain.html)
        assert tags.found == plain_tags.found
        assert set(tags.found) == {"div", "p"}
        assert mail.subject.isprintable()
        assert mail.text.count("\n") == plain.text.count("\n")


def test_both_forms_say_the_same() -> None:
    for mail in _mails("Tom & Jerry"):
        tags = _Tags()
        tags.feed(mail.html)
        assert tags.words == mail.text.replace("\n", "")


def test_a_code_is_readable_without_opening_the_message() -> None:
    code, taken, *_ = _mails("Notes")
    assert code.subject == "048291 is your code for Notes"
    assert "048291" in code.text
    assert "http" not in code.text + code.html + taken.text + taken.html
