"""Mails: the words of what people have to act on: codes, links, and what stands in their place."""

from chalicelib.domain.limits import CHALLENGE_SECONDS
from chalicelib.domain.ports.surroundings import Mail
from chalicelib.services.letterhead import Link, mail_of, moment_of

_MINUTES = CHALLENGE_SECONDS // 60
_WORKS = f"It works for {_MINUTES} minutes. Type it nowhere else: nobody will ask you for it."
_IGNORE = "If this was not you, you can ignore this message. Nothing has changed."


def code_mail(to: str, *, code: str, application: str) -> Mail:
    """Answer the message with a six-digit code; what a stranger typed is never part of it."""
    return mail_of(
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
    return mail_of(
        to,
        subject=f"You already have an account for {application}",
        lines=(
            f"Somebody tried to create an account for {application} with this address.",
            "There is one already: go back and sign in with it.",
            _IGNORE,
        ),
    )


def invite_mail(to: str, *, place: str, address: str, until: int) -> Mail:
    """Answer the message with the link of an invite; `address` is where it leads."""
    return mail_of(
        to,
        subject=f"You are invited to {place}",
        lines=(
            f"Somebody at {place} invited you to make an account with this address.",
            address,
            f"The link works once, until {moment_of(until)}. Your address is confirmed by a code.",
            "If you did not expect this, you can ignore it. There is no account until you make it.",
        ),
        link=Link(address, "Accept the invitation"),
    )


def reset_mail(to: str, *, code: str, application: str) -> Mail:
    """Answer the message with the code by which a forgotten password is replaced."""
    return mail_of(
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
    return mail_of(
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
    return mail_of(
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
    return mail_of(
        to,
        subject=f"Your address for {place}",
        lines=(
            f"Somebody who is signed in to {place} wanted to use this address for their account.",
            "It belongs to another account there, so nothing was changed.",
            _IGNORE,
        ),
    )
