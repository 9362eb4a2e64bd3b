import re
from html.parser import HTMLParser

import pytest

from chalicelib.domain.ports.surroundings import Mail
from chalicelib.services.mails import (
    address_mail,
    code_mail,
    invite_mail,
    occupied_mail,
    reset_mail,
    taken_mail,
    unknown_mail,
)
from chalicelib.services.notice_mails import (
    Notice,
    device_mail,
    factor_mail,
    linked_mail,
    locked_mail,
    moved_mail,
    passkey_mail,
    password_mail,
    recovery_mail,
    unlinked_mail,
    withdrawn_mail,
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


TAGS = {"html", "head", "meta", "title", "style", "body", "div", "p"}
ATTRIBUTES = {"lang", "charset", "name", "content", "class", "style"}
REMOTE = re.compile(r"https?:|//|url\(|@import|src|href|<img|<link|<script", re.IGNORECASE)


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.words: dict[str, list[str]] = {}
        self.styles: dict[str, str] = {}
        self._at: tuple[str, str | None] = ("", None)
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        assert {name for name, _ in attrs} <= ATTRIBUTES | ({"href"} if tag == "a" else set())
        named = dict(attrs)
        self._at = (tag, named.get("class"))
        if named.get("class"):
            self.styles[str(named["class"])] = str(named["style"])

    def handle_data(self, data: str) -> None:
        if not data.strip():
            return
        tag, kind = self._at
        self.words.setdefault(kind or tag, []).append(data)

    def paragraphs(self) -> list[str]:
        shown = {"text", "code", "note"}
        return [word for kind, words in self.words.items() if kind in shown for word in words]


def _mails(application: str) -> list[Mail]:
    return [
        code_mail("mira@acme.example", code="048291", application=application),
        taken_mail("mira@acme.example", application=application),
        reset_mail("mira@acme.example", code="048291", application=application),
        unknown_mail("mira@acme.example", application=application),
        address_mail("mira@acme.example", code="048291", place=application),
        occupied_mail("mira@acme.example", place=application),
        *(
            notice("mira@acme.example")
            for notice in (
                password_mail(place=application),
                factor_mail("added", place=application),
                factor_mail("removed", place=application),
                factor_mail("recovery", place=application),
                passkey_mail("added", place=application),
                withdrawn_mail(place=application),
                recovery_mail(3, place=application),
                moved_mail(place=application),
                linked_mail(application, place=application),
                unlinked_mail(application, place=application),
                device_mail(
                    place=application, at=1_795_000_000, browser="Edge on Mac", network="192.0"
                ),
                locked_mail(place=application, until=1_795_000_000),
            )
        ),
    ]


@pytest.mark.parametrize("application", NASTY)
def test_a_name_cannot_write_into_a_message(application: str) -> None:
    for mail, plain in zip(_mails(application), _mails("Notes"), strict=True):
        tags = _Tags(mail.html)
        assert tags.found == _Tags(plain.html).found
        assert set(tags.found) == TAGS
        assert mail.subject.isprintable()
        assert mail.text.count("\n") == plain.text.count("\n")


def test_both_forms_say_the_same_and_nothing_else() -> None:
    for mail in _mails("Tom & Jerry"):
        tags = _Tags(mail.html)
        assert sorted(tags.paragraphs()) == sorted(mail.text.removesuffix("\n").split("\n\n"))
        assert tags.words.pop("title") == [mail.subject]
        assert set(tags.words) <= {"style", "text", "code", "note"}


@pytest.mark.parametrize(
    ("left", "said"), [(9, "9 are left."), (1, "1 is left."), (0, "none are left.")]
)
def test_recovery_codes_that_are_left_are_counted_as_people_do(left: int, said: str) -> None:
    assert said in recovery_mail(left, place="Notes")("mira@acme.example").text


@pytest.mark.parametrize(
    ("notice", "what"),
    [
        (factor_mail("added", place="Notes"), "the authenticator"),
        (passkey_mail("added", place="Notes"), "the passkey"),
    ],
)
def test_whoever_is_told_of_a_stranger_s_factor_is_told_what_helps(
    notice: Notice, what: str
) -> None:
    text = notice("mira@acme.example").text
    assert "choose “Forgot password?”" in text
    assert f"ask those who run Notes to remove {what}" in text


def test_a_mail_asks_nobody_for_anything() -> None:
    for mail in _mails("Notes"):
        assert REMOTE.search(mail.text + mail.html.removeprefix("<!doctype html>")) is None


LINK = "https://flows.example/app/sessions/login?workspace_name=acme#invite=sfi_abc"


def _invite(place: str) -> Mail:
    return invite_mail("mira@acme.example", place=place, address=LINK, until=1_795_000_000)


def test_an_invite_has_one_link_and_says_where_it_leads() -> None:
    mail = _invite("Tom & Jerry")
    assert LINK in mail.text.split("\n\n")
    assert re.findall(r'href="([^"]*)"', mail.html) == [LINK]
    assert ">Accept the invitation</a>" in mail.html
    rest = mail.html.removeprefix("<!doctype html>").replace(f'href="{LINK}"', "")
    assert REMOTE.search(rest) is None
    assert REMOTE.search(mail.text.replace(LINK, "")) is None


@pytest.mark.parametrize("place", NASTY)
def test_a_name_cannot_write_into_an_invite(place: str) -> None:
    mail, plain = _invite(place), _invite("Notes")
    assert _Tags(mail.html).found == _Tags(plain.html).found
    assert mail.subject.isprintable()
    assert mail.text.count("\n") == plain.text.count("\n")
    assert re.findall(r'href="([^"]*)"', mail.html) == [LINK]


def test_a_mail_can_be_read_in_light_and_in_dark() -> None:
    for mail in _mails("Notes"):
        tags = _Tags(mail.html)
        (sheet,) = tags.words["style"]
        light, dark = tags.styles, sheet.partition("prefers-color-scheme:dark")[2]
        for ground, ink, least in (("sheet", "page", 12), ("sheet", "note", 5.5)):
            assert _contrast(_colours(light[ground])[0], _colours(light[ink])[-1]) > least
            assert _contrast(_of(dark, ground), _of(dark, ink, last=True)) > least


def _of(sheet: str, kind: str, *, last: bool = False) -> str:
    rule = re.search(rf"\.{kind}{{([^}}]*)}}", sheet)
    assert rule is not None
    return _colours(rule[1])[-1 if last else 0]


def _colours(style: str) -> list[str]:
    return re.findall(r"#[0-9a-f]{6}", style)


def _contrast(one: str, other: str) -> float:
    dim, bright = sorted(map(_luminance, (one, other)))
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(share * p for share, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_code_is_the_largest_word_of_a_message() -> None:
    tags = _Tags(_mails("Notes")[0].html)
    assert tags.words["code"] == ["048291"]
    sizes = {
        kind: int(re.findall(r"(\d+)px/", style)[0])
        for kind, style in tags.styles.items()
        if re.search(r"\d+px/", style)
    }
    assert sizes == {"sheet": 16, "code": 32}


def test_a_code_is_readable_without_opening_the_message() -> None:
    code, taken, *_ = _mails("Notes")
    assert code.subject == "048291 is your code for Notes"
    assert "048291" in code.text
    assert "http" not in code.text + code.html + taken.text + taken.html
