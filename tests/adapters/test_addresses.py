"""One address has one form, whoever types it."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.addresses import EmailAddresses
from chalicelib.domain.errors import InvalidInput

ADDRESSES = EmailAddresses()

FORMS = {
    "ann@demo.example": "ann@demo.example",
    "Ann@Demo.Example": "ann@demo.example",
    "  ann@demo.example\n": "ann@demo.example",
    "ANN.B+tag@x.test": "ann.b+tag@x.test",
    "ann@bücher.example": "ann@xn--bcher-kva.example",
    "ann@BÜCHER.example": "ann@xn--bcher-kva.example",
    "ann@xn--bcher-kva.example": "ann@xn--bcher-kva.example",
    "ann@demo。example": "ann@demo.example",
    "Zoe\u0308@demo.example": "zoë@demo.example",
    "Straße@demo.example": "strasse@demo.example",
    "Ὀδυσσεύσ@demo.example": "ὀδυσσεύσ@demo.example",
    "Ὀδυσσεύς@demo.example": "ὀδυσσεύσ@demo.example",
    "\u0390@demo.example": "\u0390@demo.example",
    f"{'a' * 64}@demo.example": f"{'a' * 64}@demo.example",
}

REFUSED = [
    "",
    " ",
    "@",
    "ann",
    "ann@",
    "@demo.example",
    "ann@demo",
    "ann@demo..example",
    "ann@.example",
    "ann@demo.example.",
    "ann@-demo.example",
    "ann..b@demo.example",
    ".ann@demo.example",
    "ann b@demo.example",
    "ann@bob@demo.example",
    '"ann b"@demo.example',
    "Ann <ann@demo.example>",
    "ann@demo.example, bob@demo.example",
    "ann@[127.0.0.1]",
    "ann@localhost",
    "ann@demo.example\r\nBcc: bob@demo.example",
    "ann\x00@demo.example",
    "ann\u200b@demo.example ",
    "\u202eann@demo.example",
    "ann\ud800@demo.example",
    "ann@\ud800.example",
    "ann@xn--a.example",
    f"{'a' * 65}@demo.example",
    # Its form has 80 characters before the @, although it was typed with 40.
    f"{'ß' * 40}@demo.example",
    f"ann@{'a' * 64}.example",
    "ann@" + ".".join(["a" * 60] * 5),
    "a" * 1_000_000,
]


@pytest.mark.parametrize("typed", FORMS)
def test_an_address_is_brought_into_its_form(typed: str) -> None:
    assert ADDRESSES.normalise(typed) == FORMS[typed]


@pytest.mark.parametrize("typed", REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ADDRESSES.normalise(typed)
    assert [fault.pointer for fault in caught.value.faults] == ["/email"]
    assert "ann" not in str(caught.value)
    assert caught.value.__cause__ is None


LOCALS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs")), min_size=1, max_size=20)


@given(local=LOCALS, domain=st.from_regex(r"[a-zA-Zäöß]{1,9}\.(example|test)", fullmatch=True))
@settings(deadline=None, max_examples=300)
def test_the_form_of_a_form_is_itself(local: str, domain: str) -> None:
    try:
        form = ADDRESSES.normalise(f"{local}@{domain}")
    except InvalidInput:
        return
    assert ADDRESSES.normalise(form) == form
    assert unicodedata.is_normalized("NFC", form)
    assert form.rpartition("@")[2].isascii()


@given(st.text())
@settings(deadline=None)
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    for typed in (text, f"{text}@demo.example", f"ann@{text}"):
        try:
            assert ADDRESSES.normalise(typed).count("@") == 1
        except InvalidInput:
            continue
