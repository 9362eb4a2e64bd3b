"""E-mail addresses in their one form."""

import unicodedata

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from chalicelib.domain.errors import Fault, InvalidInput

_LONGEST = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets


class EmailAddresses:
    """Answers the port `Addresses`."""

    def normalise(self, text: str) -> str:
        # Folding case may lengthen a part, so the result has to be an address again.
        return _one_form(_one_form(text.strip()))


def _one_form(text: str) -> str:
    # Reading six megabytes as an address would take seconds; no address is that long.
    if len(text) > _LONGEST:
        raise _refusal()
    try:
        parts: ValidatedEmail = validate_email(
            text,
            check_deliverability=False,
            strict=True,
            # Accepts .test, which staging lives on; .localhost and .local stay refused (RFC 6761).
            test_environment=True,
        )
    except EmailNotValidError:
        # What the library says quotes the address.
        raise _refusal() from None
    local = unicodedata.normalize("NFC", parts.local_part.casefold())
    return f"{local}@{(parts.ascii_domain or '').lower()}"


def _refusal() -> InvalidInput:
    return InvalidInput("That is not an e-mail address.", Fault("/email", "not an e-mail address"))
