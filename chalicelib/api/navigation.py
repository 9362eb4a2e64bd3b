"""Answers to a browser that was sent here by a link or a form: where it goes next."""

from chalicelib.api.endpoint import Reply
from chalicelib.domain.errors import InvalidInput

_MAX_LOCATION = 8_000  # characters; API Gateway's limit for all headers is 10,240 bytes


def onward(location: str, cookies: tuple[str, ...] = ()) -> Reply[None]:
    """Send the browser on; raises `InvalidInput` for an address that no header holds."""
    if len(location) > _MAX_LOCATION:
        raise InvalidInput("The request is longer than an answer's headers may be.")
    return Reply(None, headers={"Location": location}, cookies=cookies)
