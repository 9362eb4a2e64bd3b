"""Notice mails: the words by which people hear what happened at their account."""

from collections.abc import Callable
from functools import partial
from typing import Literal

from chalicelib.domain.ports.surroundings import Mail
from chalicelib.services.letterhead import mail_of, moment_of, one_line

Notice = Callable[[str], Mail]
"""A message that is written and wants an address."""

_RESET = "If this was not you, choose “Forgot password?” where you sign in, and do it now."
_ASK = "Then ask those who run {place} to remove {it}: a new password leaves it as it is."
_FACTOR = {
    "added": "An authenticator for {place} was added",
    "removed": "The authenticator for {place} was removed",
    "recovery": "New recovery codes for {place} were made",
}


def moved_mail(*, place: str) -> Notice:
    """Answer the notice to the address that was used before."""
    return partial(
        mail_of,
        subject=f"Your address for {place} was changed",
        lines=(
            f"Another address is used for your account at {place} from now on.",
            f"If this was not you, write to those who run {place}, and do it now.",
        ),
    )


def password_mail(*, place: str) -> Notice:
    """Answer the notice that a password was changed; `place` is where it is used."""
    return partial(
        mail_of,
        subject=f"Your password for {place} was changed",
        lines=(
            f"Your password for {place} was changed just now. You were signed out everywhere else.",
            _RESET,
        ),
    )


def factor_mail(what: Literal["added", "removed", "recovery"], *, place: str) -> Notice:
    """Answer the notice that an authenticator or the recovery codes were changed."""
    return partial(
        mail_of,
        subject=_FACTOR[what].format(place=one_line(place)),
        lines=(
            f"{_FACTOR[what].format(place=place)} just now. You were signed out everywhere else.",
            _RESET,
            *((_ASK.format(place=place, it="the authenticator"),) if what == "added" else ()),
        ),
    )


def passkey_mail(what: Literal["added", "removed"], *, place: str) -> Notice:
    """Answer the notice that a passkey was added or removed."""
    said = f"A passkey for {place} was {what}"
    return partial(
        mail_of,
        subject=said,
        lines=(
            f"{said} just now. You were signed out everywhere else.",
            _RESET,
            *((_ASK.format(place=place, it="the passkey"),) if what == "added" else ()),
        ),
    )


def withdrawn_mail(*, place: str) -> Notice:
    """Answer the notice that operators left a person nothing but the password."""
    return partial(
        mail_of,
        subject=f"Your second factors for {place} were removed",
        lines=(
            f"Those who run {place} removed your authenticator, recovery codes and passkeys.",
            "You were signed out everywhere. From now on your password is asked for, and it alone.",
            "If others may know it, choose “Forgot password?” where you sign in, and do it now.",
            f"If you did not ask for this, write to those who run {place}.",
        ),
    )


def linked_mail(provider: str, *, place: str) -> Notice:
    """Answer the notice that a provider elsewhere signs a person in from now on."""
    return partial(
        mail_of,
        subject=f"{provider} signs you in to {place}",
        lines=(
            f"From now on {provider} can sign you in to {place}.",
            f"If this was not you, write to those who run {place}, and do it now.",
        ),
    )


def unlinked_mail(provider: str, *, place: str) -> Notice:
    """Answer the notice that a provider elsewhere signs a person in no more."""
    said = f"{provider} no longer signs you in to {place}"
    return partial(
        mail_of,
        subject=said,
        lines=(f"{said}. You were signed out everywhere else.", _RESET),
    )


def recovery_mail(left: int, *, place: str) -> Notice:
    """Answer the notice that a recovery code was used."""
    kept = "1 is left" if left == 1 else f"{left or 'none'} are left"
    return partial(
        mail_of,
        subject=f"A recovery code for {place} was used",
        lines=(
            f"Somebody signed in to {place} with one of your recovery codes; {kept}.",
            _RESET,
        ),
    )


def erased_mail(*, place: str, gone_at: int) -> Notice:
    """Answer the last message to somebody whose account is no more."""
    return partial(
        mail_of,
        subject=f"Your account for {place} is deleted",
        lines=(
            f"Your account for {place} and everything in it was deleted just now, as you asked.",
            "Nobody can read any of it any more.",
            f"The last copy of the keys that it was sealed with is gone on {moment_of(gone_at)}.",
            "This address can be used for a new account, which knows nothing of the old one.",
        ),
    )


def device_mail(*, place: str, at: int, browser: str, network: str | None) -> Notice:
    """Answer the notice of a sign-in from a browser that was not known."""
    return partial(
        mail_of,
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
        mail_of,
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
        mail_of,
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
        mail_of,
        subject=f"Many wrong tries at your account for {place}",
        lines=(
            f"Somebody tried many wrong passwords or codes to sign in to {place} as you.",
            f"New browsers have to wait until {moment_of(until)}. Yours work as always.",
            "To sign in somewhere else before that, choose “Forgot password?” there.",
        ),
    )


def _scene(agent: str, at: int, network: str | None) -> str:
    where = "" if network is None else f", from a network that begins with {network}"
    return f"{agent}, on {moment_of(at)}{where}."
