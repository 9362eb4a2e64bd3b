"""Onward: how the login's page learns where to go, or what has to be shown before."""

from chalicelib.api.cookies import entered
from chalicelib.api.endpoint import Call, Reply
from chalicelib.api.schemas.login import LeaveOut
from chalicelib.api.schemas.steps import StepOut
from chalicelib.domain.callers import Visit
from chalicelib.services.entrances import Entered
from chalicelib.services.steps import Step


def onward(
    call: Call[Visit], found: Entered | Step, cookies: tuple[str, ...] = ()
) -> Reply[LeaveOut] | Reply[StepOut]:
    """Answer a step, or a place with the cookie of whoever was let in; `cookies` in either case."""
    if isinstance(found, Step):
        return Reply(StepOut.of(found), cookies=cookies)
    return Reply(
        LeaveOut(redirect_to=found.location),
        cookies=(*entered(found, call.request.cookies()), *cookies),
    )
