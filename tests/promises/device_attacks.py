"""The attacks of RFC 8628, section 5, on devices without a browser, in the same table."""

from chalicelib.domain.limits import DEVICE_AUTHORIZATION_SECONDS, POLL_SECONDS
from chalicelib.services.attempts import USER_CODES
from tests.api.platform import OWN_ORIGIN, send
from tests.api.prover import TOKEN
from tests.api.shell import Shell, on_page, shell_of, told
from tests.api.visitor import Visitor, query_of
from tests.promises.attacks import Attack, Field


def _shell_of(field: Field) -> Shell:
    # The one client of the field that runs on people's machines.
    return shell_of(field.forms)


def user_code_guessed(field: Field) -> None:
    shell = _shell_of(field)
    for _ in range(USER_CODES):
        on_page(field.forms, "look-up", userCode="BBBB-BBBB")
    assert shell.look_up().code == "rate_limited"
    # Neither the login nor the page's later steps tell a right code from a wrong one.
    for typed in (shell.user_code, "BBBB-BBBB"):
        named = {"device": "a" * 43, "userCode": typed}
        assert on_page(field.forms, "context", **named).code == "not_found"
        request = {"workspace_name": "acme", "device": "a" * 43, "user_code": typed}
        assert field.forms.step("context", request=request).code == "not_found"


def device_code_guessed(field: Field) -> None:
    shell = _shell_of(field)
    told(shell.ask(device_code="sfd_" + "a" * 43), "invalid_grant")
    told(shell.ask(device_code=shell.user_code), "invalid_grant")


def device_code_of_another_client(field: Field) -> None:
    shell = _approved(field)
    client_id = field.victim.tenant.application.client_id
    told(shell.ask(client_id=client_id), "invalid_grant")
    assert shell.ask_in_time().status == 200


def device_code_taken_next_door(field: Field) -> None:
    shell = _approved(field)
    client_id = field.neighbour.tenant.application.client_id
    told(shell.ask(at="globex", client_id=client_id), "invalid_grant")
    told(shell.ask(at="globex"), "invalid_client", 401)
    assert shell.ask().status == 200


def device_code_replayed(field: Field) -> None:
    shell = _approved(field)
    token = shell.ask().json()["access_token"]
    told(shell.ask_in_time(), "invalid_grant")
    assert send("GET", "/api/v1/sessions", token=token).code == "token_superseded"


def device_code_without_its_key(field: Field) -> None:
    owner, thief = field.prover(), field.prover()
    endpoint = f"{OWN_ORIGIN}/oidc/acme/device_authorization"
    shell = shell_of(field.forms, headers={"dpop": owner.proof("POST", endpoint)})
    field.forms.sign_in()
    shell.decide()
    told(shell.ask(), "invalid_grant")
    told(shell.ask_in_time(headers={"dpop": thief.proof("POST", TOKEN)}), "invalid_grant")


def device_code_kept_for_later(field: Field) -> None:
    shell = _approved(field)
    field.pause(DEVICE_AUTHORIZATION_SECONDS)
    told(shell.ask(), "invalid_grant")


def polled_too_fast(field: Field) -> None:
    shell = _shell_of(field)
    told(shell.ask(), "authorization_pending")
    for _ in range(5):
        told(shell.ask(), "slow_down")
    # Five times hasty: thirty seconds apart from now on, whatever was decided meanwhile.
    field.forms.sign_in()
    shell.decide()
    field.pause(5 * POLL_SECONDS)
    told(shell.ask(), "slow_down")
    field.pause(7 * POLL_SECONDS)
    assert shell.ask().status == 200


def device_let_in_by_a_link(field: Field) -> None:
    # 5.4: the attacker's own device, and a link in a mail to somebody who is signed in.
    shell = _shell_of(field)
    field.victim.sign_in()
    link = query_of(shell.told["verification_uri_complete"])
    asked = on_page(field.victim, "look-up", userCode=link["user_code"]).json()
    request = {
        "workspace_name": "acme",
        "device": asked["device"],
        "user_code": link["user_code"],
    }
    assert field.victim.step("context", request=request).status == 200
    assert field.victim.step("continue", request=request).status == 200
    told(shell.ask(), "authorization_pending")


def device_let_in_by_another_page(field: Field) -> None:
    shell = _shell_of(field)
    field.forms.sign_in()
    cookie = "; ".join(f"{name}={value}" for name, value in field.forms.cookies.items())
    body = {"workspaceName": "acme", **shell.named(), "approve": True}
    for headers in ({}, {"origin": "https://evil.example", "x-secureflows": "1"}):
        sent = {**headers, "cookie": cookie}
        answer = send("POST", "/api/v1/login/device/decide", body=body, headers=sent)
        assert answer.code == "origin_not_allowed"
    told(shell.ask(), "authorization_pending")


def device_let_in_from_next_door(field: Field) -> None:
    shell = _shell_of(field)
    named = shell.named()
    field.neighbour.sign_in()
    both = Visitor(field.platform, field.forms.tenant, cookies=dict(field.neighbour.cookies))
    assert on_page(field.neighbour, "decide", **named, approve=True).code == "not_found"
    assert on_page(both, "decide", **named, approve=True).code == "token_missing"
    told(shell.ask(), "authorization_pending")


def device_let_in_by_nobody(field: Field) -> None:
    shell = _shell_of(field)
    for approve in (True, False):
        answer = on_page(field.forms, "decide", **shell.named(), approve=approve)
        assert answer.code == "token_missing"
    told(shell.ask(), "authorization_pending")


def device_that_says_what_to_read(field: Field) -> None:
    lure = {"user-agent": "Support asks you to confirm at https://evil.example"}
    answer = shell_of(field.forms, headers=lure).look_up()
    assert "evil" not in answer.body
    assert "Support" not in answer.body


def _approved(field: Field) -> Shell:
    shell = _shell_of(field)
    field.forms.sign_in()
    assert shell.decide().status == 200
    return shell


DEVICE_ATTACKS: tuple[tuple[str, str, Attack], ...] = (
    ("8628 5.1", "guesses at a user code", user_code_guessed),
    ("8628 5.2", "guesses at a device code", device_code_guessed),
    ("8628 3.5", "a device code in another client", device_code_of_another_client),
    ("8628 3.5", "a device code at another workspace", device_code_taken_next_door),
    ("8628 3.5", "replay of a device code", device_code_replayed),
    ("8628 3.5", "a device code that was kept", device_code_kept_for_later),
    ("8628 3.5", "a device code without its key", device_code_without_its_key),
    ("8628 3.5", "a device that asks too often", polled_too_fast),
    ("8628 5.4", "a link that lets a device in", device_let_in_by_a_link),
    ("8628 5.4", "a page of others that lets a device in", device_let_in_by_another_page),
    ("8628 5.4", "somebody from next door who lets a device in", device_let_in_from_next_door),
    ("8628 5.4", "nobody who lets a device in", device_let_in_by_nobody),
    ("8628 5.4", "a device that says what a person reads", device_that_says_what_to_read),
)
