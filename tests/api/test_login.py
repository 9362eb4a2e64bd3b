import re
from typing import Any

import pytest

from chalicelib.domain.callers import Visit
from chalicelib.domain.factors import BY_PASSWORD
from chalicelib.domain.ids import AppId, digest, new_user_id
from chalicelib.domain.sign_ups import code_digest
from chalicelib.domain.users import UserStatus
from tests.api.platform import OWN_ORIGIN, Answer, Platform, Tenant, send
from tests.api.visitor import OWN_PAGE, PASSWORD, Visitor, account, code_of, query_of
from tests.builders import ORIGIN

STEPS: list[tuple[str, dict[str, Any]]] = [
    ("context", {}),
    ("sign-in", {"email": "mira@acme.example", "password": PASSWORD}),
    ("sign-up", {"email": "new@acme.example", "password": PASSWORD}),
    ("sign-up/verify", {"challenge": "a" * 43, "code": "123456"}),
    ("sign-up/resend", {"challenge": "a" * 43}),
    ("continue", {}),
    ("password/forgot", {"email": "mira@acme.example"}),
    ("steps/totp", {"challenge": "a" * 43, "code": "123456"}),
    ("steps/enrolment", {"challenge": "a" * 43, "code": "123456"}),
    ("steps/recovery-codes", {"challenge": "a" * 43}),
    ("steps/recovery", {"challenge": "a" * 43, "code": "abcde-fghjk"}),
    ("passkey/options", {}),
    ("steps/passkey/options", {"offer": "a" * 43}),
    ("steps/passkey/skip", {"offer": "a" * 43}),
    (
        "steps/passkey",
        {
            "offer": "a" * 43,
            "challenge": "a" * 43,
            "credential": {"id": "AAAA", "clientDataJSON": "AAAA", "attestationObject": "AAAA"},
        },
    ),
    (
        "passkey",
        {
            "challenge": "a" * 43,
            "credential": dict.fromkeys(
                ("id", "clientDataJSON", "authenticatorData", "signature"), "AAAA"
            ),
        },
    ),
    ("password/reset", {"challenge": "a" * 43, "code": "123456", "password": PASSWORD}),
]
REFUSED = ["signin.failed"]


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


def _shape(answer: Answer) -> tuple[int, dict[str, str], list[str], str]:
    return answer.status, dict(answer.headers), answer.cookies, answer.body


def test_the_page_learns_what_to_show(visitor: Visitor) -> None:
    answer = visitor.step("context")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "workspace": {"name": "Acme"},
        "application": {"appId": "notes", "name": "Notes", "color": None},
        "returnTo": "notes.example",
        "signUp": True,
        "providers": [],
        "routes": False,
        "requiresSso": False,
        "person": None,
        "invited": None,
        "visit": "none",
        "prompt": None,
        "loginHint": None,
    }


def test_a_person_signs_in_and_goes_back_with_a_code(platform: Platform, visitor: Visitor) -> None:
    before = len(platform.events)
    answer = visitor.sign_in()
    assert answer.status == 200
    location = answer.json()["redirectTo"]
    assert location.startswith("https://notes.example/?code=sfc_")
    returned = query_of(location)
    assert set(returned) == {"code", "state", "iss"}
    assert returned["state"] == "s-1"
    assert returned["iss"] == f"{OWN_ORIGIN}/oidc/acme"
    assert platform.actions_since(before) == ["signin.succeeded"]
    event = platform.events[-1]
    assert (event.subject, event.app, event.origin.ip) == (
        visitor.tenant.user,
        "notes",
        "192.0.2.7",
    )


def test_the_cookie_is_for_one_origin_one_workspace_and_no_script(visitor: Visitor) -> None:
    wid = visitor.tenant.workspace.id
    lines = visitor.sign_in().cookies
    assert [line.partition("=")[0] for line in lines] == [f"__Host-sf-{wid}", f"__Host-sfk-{wid}"]
    for line, age in zip(lines, ("2592000", "15552000"), strict=True):
        value, *attributes = line.partition("=")[2].split("; ")
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", value)
        assert sorted(attributes) == [
            "HttpOnly",
            f"Max-Age={age}",
            "Path=/",
            "SameSite=Lax",
            "Secure",
        ]


def test_every_sign_in_brings_a_new_cookie_and_ends_the_old_one(visitor: Visitor) -> None:
    visitor.sign_in()
    first = dict(visitor.cookies)
    visitor.sign_in()
    assert visitor.cookies != first
    assert visitor.step("continue").status == 200
    visitor.cookies = first
    assert visitor.step("continue").code == "token_missing"


def test_a_cookie_that_somebody_planted_is_not_signed_in_by_a_sign_in(visitor: Visitor) -> None:
    name = f"__Host-sf-{visitor.tenant.workspace.id}"
    visitor.cookies[name] = "A" * 43
    visitor.sign_in()
    assert visitor.cookies[name] != "A" * 43
    visitor.cookies[name] = "A" * 43
    assert visitor.step("continue").code == "token_missing"


def test_one_browser_keeps_ten_cookies(visitor: Visitor) -> None:
    others = {f"__Host-sf-w{n:020d}": "B" * 43 for n in range(11)}
    visitor.cookies = {**others, "theme": "dark"}
    gone = [line for line in visitor.sign_in().cookies if "Max-Age=0" in line]
    assert [line.split("=")[0] for line in gone] == list(others)[:2]
    assert all("=; Max-Age=0; Path=/; Secure; HttpOnly" in line for line in gone)
    assert len([name for name in visitor.cookies if name.startswith("__Host-sf-")]) == 10


def test_an_unknown_address_and_a_wrong_password_are_one_answer(
    platform: Platform, visitor: Visitor
) -> None:
    work = platform.adapters.passwords.work
    wrong = visitor.sign_in(password="not this one at all")
    work_of_wrong = platform.adapters.passwords.work - work
    unknown = visitor.sign_in("nobody@acme.example")
    work_of_unknown = platform.adapters.passwords.work - work - work_of_wrong
    assert wrong.code == "signin_refused"
    assert wrong.json()["triesLeft"] == 4
    assert _shape(wrong) == _shape(unknown)
    assert work_of_wrong == work_of_unknown == 1
    reasons = [(e.action.value, e.outcome, e.meta["reason"]) for e in platform.events[-2:]]
    assert reasons == [
        ("signin.failed", "failure", "password"),
        ("signin.failed", "failure", "unknown"),
    ]


def test_a_suspended_user_gets_the_answer_of_a_wrong_password(
    platform: Platform, visitor: Visitor
) -> None:
    wrong = visitor.sign_in("nobody@acme.example")
    email = "gone@acme.example"
    account(platform, visitor.tenant.workspace, email, status=UserStatus.SUSPENDED)
    suspended = visitor.sign_in(email)
    assert _shape(suspended) == _shape(wrong)
    assert platform.events[-1].meta["reason"] == "suspended"


def test_a_suspended_user_is_not_continued(platform: Platform, visitor: Visitor) -> None:
    workspace = visitor.tenant.workspace
    user = account(platform, workspace, "gone@acme.example", status=UserStatus.SUSPENDED)
    begun = platform.services.hosted.browsers.begin(
        user.person,
        BY_PASSWORD.asked(platform.adapters.clock.now()),
        cookies={},
        app=AppId("notes"),
        visit=Visit(ORIGIN),
        is_known=True,
    )
    visitor.cookies[f"__Host-sf-{workspace.id}"] = begun.secret
    assert visitor.step("context").json()["person"] is None
    assert visitor.step("continue").code == "token_missing"


@pytest.mark.parametrize("email", ["anna@acme.example", "nobody@acme.example"])
def test_guessing_becomes_slow_for_known_and_unknown_alike(
    platform: Platform, visitor: Visitor, email: str
) -> None:
    before = len(platform.events)
    left = [visitor.sign_in(email, "not this one").json()["triesLeft"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert platform.actions_since(before) == REFUSED * 5
    before = len(platform.events)
    answer = visitor.sign_in(email)
    assert (answer.status, answer.code) == (429, "rate_limited")
    assert answer.headers["retry-after"] == "5"
    assert platform.actions_since(before) == REFUSED
    assert platform.events[-1].meta == {"method": "password", "reason": "delayed"}
    platform.adapters.clock.pause(4)
    assert visitor.sign_in(email).headers["retry-after"] == "1"
    platform.adapters.clock.pause(1)
    assert visitor.sign_in(email, "not this one").status == 403
    assert visitor.sign_in(email).headers["retry-after"] == "10"


def test_after_the_wait_the_right_password_opens_and_forgives(
    platform: Platform, visitor: Visitor
) -> None:
    for _ in range(5):
        visitor.sign_in(password="not this one")
    platform.adapters.clock.pause(5)
    assert visitor.sign_in().status == 200
    assert visitor.sign_in(password="not this one").json()["triesLeft"] == 4


def test_one_network_cannot_guess_at_a_hundred_accounts_without_end(visitor: Visitor) -> None:
    for number in range(100):
        assert visitor.sign_in(f"u{number}@acme.example").status == 403
    answer = visitor.sign_in("fresh@acme.example")
    assert answer.code == "rate_limited"
    assert 0 < int(answer.headers["retry-after"]) <= 900


def test_an_old_hash_is_renewed_at_the_next_sign_in(platform: Platform, visitor: Visitor) -> None:
    old = platform.adapters.passwords.hash(PASSWORD).replace("$cheap$2$", "$cheap$1$")
    user = account(platform, visitor.tenant.workspace, "old@acme.example", password=old)
    assert visitor.sign_in("old@acme.example").status == 200
    stored = platform.adapters.users.get(user.person)
    assert stored is not None
    assert stored.password == old.replace("$cheap$1$", "$cheap$2$")
    assert visitor.sign_in("old@acme.example").status == 200


def test_a_new_person_signs_up_with_the_code_that_was_mailed(
    platform: Platform, visitor: Visitor
) -> None:
    before = len(platform.events)
    started = visitor.sign_up("New@Acme.example", name=" Nora  <b>Ek</b> ")
    assert started.status == 200
    assert started.json()["email"] == "new@acme.example"
    assert platform.actions_since(before) == []
    (mail,) = platform.adapters.mailer.sent
    assert mail.to == "new@acme.example"
    assert "Nora" not in mail.text + mail.html + mail.subject
    challenge = started.json()["challenge"]
    done = visitor.step("sign-up/verify", challenge=challenge, code=visitor.typed_code())
    assert done.status == 200
    assert platform.actions_since(before) == ["user.created", "signin.succeeded"]
    assert code_of(done.json()["redirectTo"]).startswith("sfc_")
    person = visitor.step("context").json()["person"]
    assert person == {"name": "Nora <b>Ek</b>", "email": "new@acme.example"}
    visitor.cookies = {}
    assert visitor.sign_in("new@acme.example").status == 200
    again = visitor.step("sign-up/verify", challenge=challenge, code=visitor.typed_code())
    assert (again.status, again.code) == (410, "challenge_ended")


def test_a_taken_address_gets_the_same_answer_and_another_mail(
    platform: Platform, visitor: Visitor
) -> None:
    work = platform.adapters.passwords.work
    free = visitor.sign_up("free@acme.example")
    work_of_free = platform.adapters.passwords.work - work
    taken = visitor.sign_up(visitor.tenant.email)
    assert platform.adapters.passwords.work - work == 2 * work_of_free
    assert (free.status, set(free.json()), free.headers) == (
        taken.status,
        set(taken.json()),
        taken.headers,
    )
    assert len(free.json()["challenge"]) == len(taken.json()["challenge"])
    to_free, to_taken = platform.adapters.mailer.sent
    assert re.search(r"\d{6}", to_free.text)
    assert not re.search(r"\d{6}", to_taken.text + to_taken.subject)  # HTML says the same
    assert "already" in to_taken.text
    before = len(platform.events)
    refusal = visitor.step("sign-up/verify", challenge=taken.json()["challenge"], code="000000")
    assert (refusal.code, refusal.json()["triesLeft"]) == ("signin_refused", 4)
    assert platform.actions_since(before) == REFUSED


def test_an_address_that_is_taken_meanwhile_is_a_wrong_code(
    platform: Platform, visitor: Visitor
) -> None:
    challenge = visitor.sign_up("new@acme.example").json()["challenge"]
    code = visitor.typed_code()
    account(platform, visitor.tenant.workspace, "new@acme.example")
    answer = visitor.step("sign-up/verify", challenge=challenge, code=code)
    assert answer.code == "signin_refused"
    assert answer.cookies == []


def test_five_wrong_codes_end_the_challenge(visitor: Visitor) -> None:
    challenge = visitor.sign_up("new@acme.example").json()["challenge"]
    code = visitor.typed_code()
    wrong = "000000" if code != "000000" else "000001"
    answers = [visitor.step("sign-up/verify", challenge=challenge, code=wrong) for _ in range(5)]
    assert [a.json()["triesLeft"] for a in answers] == [4, 3, 2, 1, 0]
    assert visitor.step("sign-up/verify", challenge=challenge, code=code).code == "challenge_ended"
    assert visitor.step("sign-up/resend", challenge=challenge).code == "challenge_ended"


def test_a_code_ends_after_ten_minutes(platform: Platform, visitor: Visitor) -> None:
    challenge = visitor.sign_up("new@acme.example").json()["challenge"]
    platform.adapters.clock.pause(600)
    answer = visitor.step("sign-up/verify", challenge=challenge, code=visitor.typed_code())
    assert answer.code == "challenge_ended"


def test_a_challenge_of_another_workspace_is_none(platform: Platform, visitor: Visitor) -> None:
    challenge = visitor.sign_up("new@acme.example").json()["challenge"]
    code = visitor.typed_code()
    neighbour = Visitor(platform, platform.tenant("neighbour"))
    answer = neighbour.step("sign-up/verify", challenge=challenge, code=code)
    assert answer.code == "challenge_ended"
    assert visitor.step("sign-up/verify", challenge=challenge, code=code).status == 200


def test_another_mail_brings_another_code_and_the_old_one_ends(
    platform: Platform, visitor: Visitor
) -> None:
    challenge = visitor.sign_up("new@acme.example").json()["challenge"]
    first = visitor.typed_code()
    for _ in range(2):
        assert visitor.step("sign-up/resend", challenge=challenge).json() == {
            "challenge": challenge
        }
    assert visitor.step("sign-up/resend", challenge=challenge).code == "rate_limited"
    assert len(platform.adapters.mailer.sent) == 3
    code = visitor.typed_code()
    assert code != first or pytest.skip("one in a million")
    wrong = visitor.step("sign-up/verify", challenge=challenge, code=first)
    assert wrong.json()["triesLeft"] == 4
    assert visitor.step("sign-up/verify", challenge=challenge, code=code).status == 200


def test_another_mail_to_a_taken_address_says_again_that_it_is_taken(
    platform: Platform, visitor: Visitor
) -> None:
    challenge = visitor.sign_up(visitor.tenant.email).json()["challenge"]
    assert visitor.step("sign-up/resend", challenge=challenge).status == 200
    first, second = platform.adapters.mailer.sent
    assert first == second


def test_nobody_is_flooded_with_mail_and_beyond_it_no_code_fits(
    platform: Platform, visitor: Visitor
) -> None:
    challenges = [visitor.sign_up("new@acme.example").json()["challenge"] for _ in range(7)]
    assert len(platform.adapters.mailer.sent) == 5
    code = visitor.typed_code()
    assert visitor.step("sign-up/verify", challenge=challenges[6], code=code).status == 403
    assert visitor.step("sign-up/verify", challenge=challenges[4], code=code).status == 200


@pytest.mark.parametrize("why", ["taken", "too many mails"])
def test_where_no_code_was_mailed_no_six_digits_fit(
    platform: Platform, visitor: Visitor, why: str
) -> None:
    email = visitor.tenant.email if why == "taken" else "new@acme.example"
    challenges = [visitor.sign_up(email).json()["challenge"] for _ in range(6)]
    challenge = challenges[0] if why == "taken" else challenges[5]
    store, now = platform.adapters.login, platform.adapters.clock.now()
    waiting = store.sign_up(visitor.tenant.workspace.id, digest(challenge), now=now)
    assert waiting is not None
    assert all(waiting.code != code_digest(challenge, f"{n:06d}") for n in range(1_000_000))


def test_one_network_cannot_sign_up_without_end(visitor: Visitor) -> None:
    for number in range(30):
        assert visitor.sign_up(f"u{number}@acme.example").status == 200
    assert visitor.sign_up("more@acme.example").code == "rate_limited"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"password": "fourteen chars"}, "/password"),
        ({"password": "a" * 257}, "/password"),
        ({"password": "passwordpassword"}, "/password"),
        ({"email": "mira"}, "/email"),
        ({"email": "mira@acme.example\nBcc: all@acme.example"}, "/email"),
        ({"name": "a\u0000b"}, "/name"),
        ({"name": "a" * 101}, "/name"),
    ],
)
def test_what_cannot_become_an_account_is_named(
    platform: Platform, visitor: Visitor, changes: dict[str, str], pointer: str
) -> None:
    words: dict[str, Any] = {"email": "new@acme.example", "password": PASSWORD, **changes}
    answer = visitor.step("sign-up", **words)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert platform.adapters.mailer.sent == []


def test_a_closed_workspace_takes_nobody_in(platform: Platform) -> None:
    owner = new_user_id()
    workspace = platform.services.workspaces.create(
        slug="closed", name="Closed", owner=owner, open_signup=False, origin=ORIGIN
    )
    application = platform.application(workspace, owner, "notes")
    visitor = Visitor(platform, Tenant(workspace, application, owner, ""))
    assert visitor.step("context").json()["signUp"] is False
    answer = visitor.sign_up("new@closed.example")
    assert (answer.status, answer.code) == (403, "forbidden")
    assert platform.adapters.mailer.sent == []


def test_a_returning_person_continues_without_a_password(
    platform: Platform, visitor: Visitor
) -> None:
    visitor.sign_in()
    assert visitor.step("context").json()["person"] == {
        "name": "Mira",
        "email": visitor.tenant.email,
    }
    before = len(platform.events)
    answer = visitor.step("continue")
    assert answer.status == 200
    assert answer.cookies == []
    assert visitor.exchange(code_of(answer.json()["redirectTo"])).status == 200
    assert platform.actions_since(before) == ["session.created"]


@pytest.mark.parametrize("wish", [{"prompt": "login"}, {"prompt": "login select_account"}])
def test_a_client_that_wants_a_fresh_proof_gets_one(visitor: Visitor, wish: dict[str, str]) -> None:
    visitor.sign_in()
    request = {"workspace_name": "acme", **visitor.params(**wish)}
    assert visitor.step("context", request=request).json()["person"] is None
    assert visitor.step("context", request=request).json()["prompt"] == "login"
    assert visitor.step("continue", request=request).code == "token_missing"


def test_a_sign_in_that_is_too_old_for_the_client_does_not_count(
    platform: Platform, visitor: Visitor
) -> None:
    visitor.sign_in()
    request = {"workspace_name": "acme", **visitor.params(max_age="60")}
    platform.adapters.clock.pause(60)
    assert visitor.step("continue", request=request).status == 200
    platform.adapters.clock.pause(1)
    assert visitor.step("continue", request=request).code == "token_missing"


def test_a_cookie_of_one_workspace_is_nothing_in_another(
    platform: Platform, visitor: Visitor
) -> None:
    visitor.sign_in()
    secret = visitor.cookies[f"__Host-sf-{visitor.tenant.workspace.id}"]
    tenant = platform.tenant("neighbour")
    neighbour = Visitor(platform, tenant, {f"__Host-sf-{tenant.workspace.id}": secret})
    assert neighbour.step("continue").code == "token_missing"


def test_a_browser_is_remembered_for_thirty_days(platform: Platform, visitor: Visitor) -> None:
    visitor.sign_in()
    platform.adapters.clock.pause(30 * 86_400 - 1)
    assert visitor.step("continue").status == 200
    platform.adapters.clock.pause(1)
    assert visitor.step("continue").code == "token_missing"


@pytest.mark.parametrize(("step", "body"), STEPS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": OWN_ORIGIN},
        {"x-secureflows": "1"},
        {"origin": "https://evil.example", "x-secureflows": "1"},
        {"origin": "null", "x-secureflows": "1"},
        {"origin": OWN_ORIGIN.replace("https", "http"), "x-secureflows": "1"},
        {"origin": OWN_ORIGIN + ".evil.example", "x-secureflows": "1"},
    ],
)
def test_no_other_page_can_sign_anybody_in(
    platform: Platform, visitor: Visitor, step: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    before = len(platform.events)
    request = {"workspace_name": "acme", **visitor.params()}
    answer = send(
        "POST", f"/api/v1/login/{step}", body={"request": request, **body}, headers=headers
    )
    assert (answer.status, answer.code) == (403, "origin_not_allowed")
    assert answer.cookies == []
    assert platform.actions_since(before) == []
    assert platform.adapters.mailer.sent == []


@pytest.mark.parametrize(("step", "body"), STEPS)
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"redirect_uri": "https://evil.example/"}, 400),
        ({"redirect_uri": ""}, 400),
        ({"client_id": "c" + "a" * 26}, 404),
        ({"client_id": "../../etc"}, 404),
        ({"client_id": ""}, 400),
        ({"app_id": "forms"}, 404),
        ({"workspace_name": "nowhere"}, 404),
        ({"workspace_name": ""}, 404),
        ({"workspace_name": "a#b"}, 404),
        ({"code_challenge_method": "plain"}, 400),
        ({"response_type": "token"}, 400),
    ],
)
def test_every_step_reads_the_request_anew(
    platform: Platform,
    visitor: Visitor,
    step: str,
    body: dict[str, Any],
    changes: dict[str, str],
    status: int,
) -> None:
    before = len(platform.events)
    request = {"workspace_name": "acme", "app_id": "notes", **visitor.params(), **changes}
    answer = visitor.step(step, request=request, **body)
    assert answer.status == status
    assert answer.cookies == []
    assert platform.actions_since(before) == []


@pytest.mark.parametrize(("step", "body"), STEPS)
@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b"[]", 400, "invalid_input"),
        (b"{}", 400, "invalid_input"),
        (b'{"request": {"state": 1}}', 400, "invalid_input"),
        (b'{"request": {}, "password": ["a"], "isAdmin": true}', 400, "invalid_input"),
    ],
)
def test_a_body_of_another_form_is_refused(
    visitor: Visitor, step: str, body: dict[str, Any], raw: bytes, status: int, code: str
) -> None:
    assert body is not None
    answer = send("POST", f"/api/v1/login/{step}", raw=raw, headers=OWN_PAGE)
    assert (answer.status, answer.code) == (status, code)
    assert visitor.cookies == {}


def test_a_form_of_another_site_cannot_pass_for_json(visitor: Visitor) -> None:
    headers = {**OWN_PAGE, "content-type": "text/plain"}
    answer = send("POST", "/api/v1/login/context", raw=b'{"request": {}}', headers=headers)
    assert answer.code == "unsupported_media_type"
    assert visitor.cookies == {}


@pytest.mark.parametrize(
    "beside",
    ['theme={"dark":true}', "version=1", "path=/", "a[b]=1", "é=1", 'open="', "bare", "", "a=b c"],
)
def test_a_cookie_of_somebody_else_hides_none_of_ours(visitor: Visitor, beside: str) -> None:
    visitor.sign_in()
    own = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    visitor.cookies = {}
    named = {"workspace_name": visitor.slug, "app_id": visitor.tenant.application.id}
    answer = send(
        "POST",
        "/api/v1/login/context",
        body={"request": {**named, **visitor.params()}},
        headers={**OWN_PAGE, "cookie": f"{beside}; {own}; {beside}"},
    )
    assert answer.json()["person"]["email"] == visitor.tenant.email


@pytest.mark.parametrize("name", ["{}", "é" * 10_000 + "{}"])
def test_a_body_full_of_faults_gets_an_answer_of_bounded_size(visitor: Visitor, name: str) -> None:
    count = 50_000 if name == "{}" else 30
    body = {"request": visitor.params(), **{name.format(n): 1 for n in range(count)}}
    answer = send("POST", "/api/v1/login/context", body=body, headers=OWN_PAGE)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert len(answer.body.encode()) < 20_000
    assert answer.json()["errors"]
