"""Answers to a browser that was sent here by a link: where it goes next, or why nowhere."""

from urllib.parse import urlencode

from chalicelib.api.endpoint import Call, Reply
from chalicelib.api.problems import problem_of
from chalicelib.api.schemas.documents import Document
from chalicelib.domain.callers import Visit
from chalicelib.domain.errors import DomainError, InvalidInput
from chalicelib.domain.oidc import LOGIN_PAGE, Denial

_MAX_LOCATION = 8_000  # characters; API Gateway's limit for all headers is 10,240 bytes


def onward(location: str, cookies: tuple[str, ...] = ()) -> Reply[None]:
    """Send the browser on; raises `InvalidInput` for an address that no header holds."""
    if len(location) > _MAX_LOCATION:
        raise InvalidInput("The request is longer than an answer's headers may be.")
    return Reply(None, headers={"Location": location}, cookies=cookies)


def nowhere(call: Call[Visit], error: DomainError) -> Reply[Document]:
    """Answer the error itself, with no redirect.

    A person's browser moves on from it to our own page that says so in better clothes.
    """
    problem = problem_of(
        error, origin=call.services.settings.origin, request_id=call.request.request_id
    )
    headers = dict(problem.headers)
    if "text/html" in (call.request.header("accept") or ""):
        shown = {"error": Denial.INVALID_REQUEST.value, "error_description": error.detail}
        headers["Refresh"] = f"0; url={LOGIN_PAGE}?{urlencode(shown)}"
    return Reply(
        Document(dict(problem.document)),
        status=problem.status,
        headers=headers,
        code=error.code,
    )
