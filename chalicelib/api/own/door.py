"""The door for people who come to their own account, known by the browser they signed in."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cookies import kept
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import SET_COOKIE
from chalicelib.api.refusals import HOME, PROOF
from chalicelib.api.schemas.own import HomeIn, HomeOut, ProofIn, SecondProofIn
from chalicelib.api.schemas.passkeys import AskedPasskeyOut, PasskeyProofIn
from chalicelib.api.schemas.steps import StepOut
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded, RateLimited
from chalicelib.services.dashboard import AtHome
from chalicelib.services.steps import Step

routes = Blueprint(__name__)

_PLANE = Plane.IDENTITY


@routes.route("/api/v1/self/member-token", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=HOME)
def come_home(call: Call[Visit], body: HomeIn) -> HomeOut:
    """Answer a token for the account of the person whom the browser remembers."""
    home = call.services.hosted.account.dashboard.enter(body.workspace_name, call.request.cookies())
    return HomeOut(member_token=home.text, expires_in=home.lifetime)


@routes.route("/api/v1/self/step-up", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, sends=(SET_COOKIE,), raises=(HOME, PROOF))
def prove(call: Call[Visit], body: ProofIn) -> Reply[HomeOut] | Reply[StepOut]:
    """Make the sign-in fresh by the password, or answer what has to be shown beside it."""
    onward = call.services.hosted.account.step_ups.prove(
        body.workspace_name,
        password=body.password,
        cookies=call.request.cookies(),
        visit=call.caller,
    )
    if isinstance(onward, Step):
        return Reply(StepOut.of(onward))
    return _at_home(call, onward)


@routes.route("/api/v1/self/step-up/totp", methods=["POST"], content_types=[])
@endpoint(
    routes, callers.own_page, _PLANE, sends=(SET_COOKIE,), raises=(HOME, PROOF, ChallengeEnded)
)
def prove_by_totp(call: Call[Visit], body: SecondProofIn) -> Reply[HomeOut]:
    """Make the sign-in fresh by an authenticator's code, after the password."""
    return _second(call, body, is_recovery=False)


@routes.route("/api/v1/self/step-up/recovery", methods=["POST"], content_types=[])
@endpoint(
    routes, callers.own_page, _PLANE, sends=(SET_COOKIE,), raises=(HOME, PROOF, ChallengeEnded)
)
def prove_by_recovery(call: Call[Visit], body: SecondProofIn) -> Reply[HomeOut]:
    """Make the sign-in fresh by a recovery code, which is used up, after the password."""
    return _second(call, body, is_recovery=True)


@routes.route("/api/v1/self/step-up/passkey/options", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=(HOME, RateLimited))
def begin_passkey_proof(call: Call[Visit], body: HomeIn) -> AskedPasskeyOut:
    """Answer what lets the person choose a passkey and show it."""
    ceremony = call.services.passkeys.step_ups.ask(
        body.workspace_name, cookies=call.request.cookies(), visit=call.caller
    )
    return AskedPasskeyOut.of(ceremony)


@routes.route("/api/v1/self/step-up/passkey", methods=["POST"], content_types=[])
@endpoint(
    routes, callers.own_page, _PLANE, sends=(SET_COOKIE,), raises=(HOME, PROOF, ChallengeEnded)
)
def prove_by_passkey(call: Call[Visit], body: PasskeyProofIn) -> Reply[HomeOut]:
    """Make the sign-in fresh by a passkey of the same person, which is enough by itself."""
    home = call.services.passkeys.step_ups.prove(
        body.workspace_name,
        body.credential.said(),
        challenge=body.challenge,
        cookies=call.request.cookies(),
        visit=call.caller,
    )
    return _at_home(call, home)


def _second(call: Call[Visit], body: SecondProofIn, *, is_recovery: bool) -> Reply[HomeOut]:
    home = call.services.hosted.account.step_ups.prove_second(
        body.workspace_name,
        challenge=body.challenge,
        code=body.code,
        is_recovery=is_recovery,
        cookies=call.request.cookies(),
        visit=call.caller,
    )
    return _at_home(call, home)


def _at_home(call: Call[Visit], home: AtHome) -> Reply[HomeOut]:
    cookies = (
        () if home.secret is None else kept(home.workspace, home.secret, call.request.cookies())
    )
    return Reply(HomeOut(member_token=home.text, expires_in=home.lifetime), cookies=cookies)
