"""Wire shape of every error: an RFC 9457 problem document, for the published contract."""

from pydantic import Field

from chalicelib.api.schemas.session import Wire


class FaultOut(Wire):
    """One thing wrong with an input."""

    pointer: str = Field(description="Where: a JSON pointer (RFC 6901).")
    detail: str


class Problem(Wire):
    """An RFC 9457 problem document. Clients decide by `code`; sentences may change."""

    type: str = Field(description="An address that stands for the code.")
    title: str
    status: int
    detail: str = Field(description="What happened, for a developer.")
    code: str = Field(description="What happened, for a program; it never changes.")
    error: str = Field(description="The title again, for older clients.")
    request_id: str = Field(alias="requestId", description="What to quote when asking for help.")
    hint: str | None = Field(default=None, description="What to do about it.")
    errors: list[FaultOut] | None = Field(default=None, description="Each fault of the input.")
    tries_left: int | None = Field(
        alias="triesLeft", default=None, description="Tries before a delay begins."
    )
    max_age: int | None = Field(
        default=None, description="Seconds since a sign-in that is fresh enough."
    )
    acr_values: str | None = Field(
        default=None, description="How strong the sign-in has to be: `sf:1` or `sf:2`."
    )
