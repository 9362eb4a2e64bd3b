"""Mails: the words of every message that people get, quiet and short."""

from collections.abc import Callable
from functools import partial
from time import gmtime, strftime
from typing import Literal

from chalicelib.domain.limits import CHALLENGE_SECONDS
from chalicelib.domain.ports.surroundings import Mail
from chalicelib.services.letterhead import Link, letter

Notice = Callable[[str], Mail]
"""A message that is written and wants an address."""

_MINUTES = CHALLENGE_SECONDS // 60
_WORKS = f"It works for {_MINUTES} minutes. Type it nowhere else: nobody will ask you for it."
_IGNORE = "If this was not you, you can ignore this message. Nothing has changed."
_RESET = "If this was not you, choose “Forgot password?” where you sign in, and do it now."
_FACTOR = {
    "added": "An authenticator for {place} was added",
    "removed": "The authenticator for {place} was removed",
    "recovery": "New recovery codes for {place} were made",
}


def code_mail(to: str, *, code: str, application: str) -> Mail:
    """Answer the message with a six-digit code; what a stranger typed is never part of it."""
    return _mail(
        to,
        subject=f"{code} is your code for {application}",
        lines=(
            f"Type this code to create your account for {application}:",
            code,
            _WORKS,
            _IGNORE,
        ),
        strong=code,
    )


def taken_mail(to: str, *, application: str) -> Mail:
    """Answer the message to somebody who has an account at the address already."""
    return _mail(
        to,
        subject=f"You already have an account for {application}",
        lines=(
            f"Somebody tried to create an account for {application} with this address.",
            "There is one already: go back and sign in with your password.",
            _IGNORE,
        ),
    )


def invite_mail(to: str, *, place: str, address: str, until: int) -> Mail:
    """Answer the message with the link of an invite; `address` is where it leads."""
    return _mail(
        to,
        subject=f"You are invited to {place}",
        lines=(
            f"Somebody at {place} invited you to make an account with this address.",
            address,
            f"The link works once, until {_moment(until)}. Your address is confirmed by a code.",
            "If you did not expect this, you can ignore it. There is no account until you make it.",
        ),
        link=Link(address, "Accept the invitation"),
    )


def reset_mail(to: str, *, code: str, application: str) -> Mail:
    """Answer the message with the code by which a forgotten password is replaced."""
    return _mail(
        to,
        subject=f"{code} is your code for a new password",
        lines=(
            f"Type this code to choose a new password for {application}:",
            code,
            _WORKS,
            _IGNORE,
        ),
        strong=code,
    )


def unknown_mail(to: str, *, application: str) -> Mail:
    """Answer the message to an address with which nobody can sign in."""
    return _mail(
        to,
        subject=f"No account for {application} at this address",
        lines=(
            f"Somebody asked for a new password for {application} with this address.",
            "There is no account here that can sign in. Perhaps you used another address.",
            _IGNORE,
        ),
    )


def address_mail(to: str, *, code: str, place: str) -> Mail:
    """Answer the message with the code that proves a new address."""
    return _mail(
        to,
        subject=f"{code} is your code for {place}",
        lines=(
            f"Type this code to use this address for {place} from now on:",
            code,
            _WORKS,
            _IGNORE,
        ),
        strong=code,
    )


def occupied_mail(to: str, *, place: str) -> Mail:
    """Answer the message to somebody whose address another person wants to use."""
    return _mail(
        to,
        subject=f"Your address for {place}",
        lines=(
            f"Somebody who is signed in to {place} wanted to use this address for their account.",
            "It belongs to another account there, so nothing was changed.",
            _IGNORE,
        ),
    )


def moved_mail(*, place: str) -> Notice:
    """Answer the notice to the address that was used before."""
    return partial(
        _mail,
        subject=f"Your address for {place} was changed",
        lines=(
            f"Another address is used for your account at {place} from now on.",
            f"If this was not you, write to those who run {place}, and do it now.",
        ),
    )


def password_mail(*, place: str) -> Notice:
    """Answer the notice that a password was changed; `place` is where it is used."""
    return partial(
        _mail,
        subject=f"Your password for {place} was changed",
        lines=(
            f"Your password for {place} was changed just now. You were signed out everywhere else.",
            _RESET,
        ),
    )


def factor_mail(what: Literal["added", "removed", "recovery"], *, place: str) -> Notice:
    """Answer the notice that an authenticator or the recovery codes were changed."""
    return partial(
        _mail,
        subject=_FACTOR[what].format(place=_one_line(place)),
        lines=(
            f"{_FACTOR[what].format(place=place)} just now. You were signed out everywhere else.",
            _RESET,
        ),
    )


def passkey_mail(what: Literal["added", "removed"], *, place: str) -> Notice:
    """Answer the notice that a passkey was added or removed."""
    said = f"A passkey for {place} was {what}"
    return partial(
        _mail,
        subject=said,
        lines=(f"{said} just now. You were signed out everywhere else.", _RESET),
    )


def linked_mail(provider: str, *, place: str) -> Notice:
    """Answer the notice that a provider elsewhere signs a person in from now on."""
    return partial(
        _mail,
        subject=f"{provider} signs you in to {place}",
        lines=(
            f"From now on {provider} can sign you in to {place}.",
            f"If this was not you, write to those who run {place}, and do it now.",
        ),
    )


def recovery_mail(left: int, *, place: str) -> Notice:
    """Answer the notice that a recovery code was used."""
    kept = "1 is left" if left == 1 else f"{left or 'none'} are left"
    return partial(
        _mail,
        subject=f"A recovery code for {place} was used",
        lines=(
            f"Somebody signed in to {place} with one of your recovery codes; {kept}.",
            _RESET,
        ),
    )


def erased_mail(*, place: str, gone_at: int) -> Notice:
    """Answer the last message to somebody whose account is no more."""
    return partial(
        _mail,
        subject=f"Your account for {place} is deleted",
        lines=(
            f"Your account for {place} and everything in it was deleted just now, as you asked.",
            "Nobody can read any of it any more.",
            f"The last copy of the keys that it was sealed with is gone on {_moment(gone_at)}.",
            "This address can be used for a new account, which knows nothing of the old one.",
        ),
    )


def device_mail(*, place: str, at: int, browser: str, network: str | None) -> Notice:
    """Answer the notice of a sign-in from a browser that was not known."""
    return partial(
        _mail,
        subject=f"New sign-in to {place}",
        lines=(
            f"You signed in to {place} in a browser that we have not seen before:",
            _scene(browser, at, network),
            f"If this was you, there is nothing to do. {_RESET}",
        ),
    )


def let_in_mail(*, place: str, at: int, program: str, network: str | None) -> Notice:
    """Answer the notice that a device was let in, which shows a code in a browser's place."""
    return partial(
        _mail,
        subject=f"A device was let in to {place}",
        lines=(
            f"You let a device without a browser in to {place}:",
            _scene(program, at, network),
            f"If this was you, there is nothing to do. {_RESET}",
        ),
    )


def emergency_mail(*, place: str, at: int, browser: str, network: str | None) -> Notice:
    """Answer the notice that somebody came in without the organisation's provider."""
    return partial(
        _mail,
        subject=f"Emergency sign-in to {place}",
        lines=(
            f"Somebody who is named for emergencies signed in to {place} without the provider:",
            _scene(browser, at, network),
            "If you and the others know of it, there is nothing to do.",
            f"If not, write to those who run {place}, and do it now.",
        ),
    )


def locked_mail(*, place: str, until: int) -> Notice:
    """Answer the notice that guessing at an account was stopped."""
    return partial(
        _mail,
        subject=f"Many wrong tries at your account for {place}",
        lines=(
            f"Somebody tried many wrong passwords or codes to sign in to {place} as you.",
            f"New browsers have to wait until {_moment(until)}. Yours work as always.",
            "To sign in somewhere else before that, choose “Forgot password?” there.",
        ),
    )


def _scene(agent: str, at: int, network: str | None) -> str:
    where = "" if network is None else f", from a network that begins with {network}"
    return f"{agent}, on {_moment(at)}{where}."


def _moment(at: int) -> str:
    moment = gmtime(at)
    return f"{moment.tm_mday} {strftime('%B %Y, %H:%M UTC', moment)}"


def _mail(
    to: str,
    *,
    subject: str,
    lines: tuple[str, ...],
    strong: str | None = None,
    link: Link | None = None,
) -> Mail:
    title, plain = _one_line(subject), [_one_line(line) for line in lines]
    return Mail(
        to=to,
        subject=title,
        text="\n\n".join(plain) + "\n",
        html=letter(title, plain, strong=strong, link=link),
    )


def _one_line(text: str) -> str:
    # A line break in an operator's chosen name would begin a header, or a sentence of its own.
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
