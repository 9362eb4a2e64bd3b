"""Whoever comes in while their sign-ins are ended is not in after that, whoever is first."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest

from chalicelib.domain.applications import ReturnFlow
from chalicelib.domain.callers import Visit
from chalicelib.domain.clients import ClientKind
from chalicelib.domain.denials import TokenMissing
from chalicelib.domain.ids import new_browser_id
from chalicelib.domain.limits import CALL_SECONDS
from chalicelib.domain.sessions import Person
from chalicelib.wiring.process import installed
from tests.api.authenticator import Authenticator, enrolled
from tests.api.devices import asked, handed, holding
from tests.api.own import NEW, Home
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.shell import shell_of
from tests.api.visitor import PASSWORD, Visitor, post_form, query_of
from tests.builders import ORIGIN, some_person
from tests.engines import Engine
from tests.services.meetings import meet, platforms

SCOPE = "openid offline_access"
SESSIONS = "/api/v1/sessions"


@dataclass
class Thief:
    """A browser that is not its person's, and all that it was given."""

    visitor: Visitor
    old: Visitor
    codes: list[str] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)
    authenticator: Authenticator | None = None

    def took(self, answer: Answer) -> None:
        """Keep what an answer brought."""
        words = answer.json() if answer.status in {200, 201} else {}
        if "redirectTo" in words:
            self.back(words["redirectTo"])
        else:
            self.given.append(words)

    def back(self, location: str) -> None:
        """Keep what an address brought."""
        query = query_of(location)
        if "code" in query:
            self.codes.append(query["code"])
        else:
            self.given.append(query)

    @property
    def entry(self) -> dict[str, str]:
        """The request of a client of old."""
        return {
            "workspace_name": self.old.slug,
            "app_id": self.old.tenant.application.id,
            "redirect_uri": self.old.redirect_uri,
            "state": "s-1",
        }


Act = Callable[[], None]
Way = Callable[[Thief], Act]
End = Callable[[Home, Thief], Act]


def by_password(thief: Thief) -> Act:
    return lambda: thief.took(thief.visitor.sign_in())


def by_password_of_old(thief: Thief) -> Act:
    words = {"email": thief.visitor.tenant.email, "password": PASSWORD}
    return lambda: thief.took(thief.visitor.step("sign-in", request=thief.entry, **words))


def by_passkey(thief: Thief) -> Act:
    device = holding(thief.visitor.platform, thief.visitor.tenant)
    ceremony = asked(thief.visitor)
    said = device.show(ceremony["options"])
    return lambda: thief.took(handed(thief.visitor, ceremony["challenge"], said))


def by_second_factor(thief: Thief) -> Act:
    thief.authenticator = authenticator = enrolled(thief.visitor.platform, thief.visitor.tenant)
    challenge = thief.visitor.sign_in().json()["step"]["challenge"]

    def act() -> None:
        code = authenticator.code()
        thief.took(thief.visitor.step("steps/totp", challenge=challenge, code=code))

    return act


def by_both_factors(thief: Thief) -> Act:
    thief.authenticator = authenticator = enrolled(thief.visitor.platform, thief.visitor.tenant)

    def act() -> None:
        answer = thief.visitor.sign_in()
        if answer.status == 200:
            challenge, code = answer.json()["step"]["challenge"], authenticator.code()
            thief.took(thief.visitor.step("steps/totp", challenge=challenge, code=code))

    return act


def by_step_up(thief: Thief) -> Act:
    assert thief.visitor.sign_in().status == 200
    home = Home(thief.visitor)

    def act() -> None:
        home.post("/step-up", password=PASSWORD)

    return act


def by_cookie(thief: Thief) -> Act:
    assert thief.visitor.sign_in().status == 200

    def act() -> None:
        thief.back(thief.visitor.authorize(prompt="none", scope=SCOPE).headers["location"])

    return act


def by_cookie_of_old(thief: Thief) -> Act:
    assert thief.visitor.sign_in().status == 200
    return lambda: thief.took(thief.visitor.step("continue", request=thief.entry))


def by_code(thief: Thief) -> Act:
    code = thief.visitor.code(scope=SCOPE)
    return lambda: thief.took(thief.visitor.exchange(code))


def by_refresh_token(thief: Thief) -> Act:
    tokens = thief.visitor.exchange(thief.visitor.code(scope=SCOPE)).json()
    return lambda: thief.took(refreshed(thief.visitor, tokens["refresh_token"]))


def by_refresh_token_again(thief: Thief) -> Act:
    token = thief.visitor.exchange(thief.visitor.code(scope=SCOPE)).json()["refresh_token"]
    assert refreshed(thief.visitor, token).status == 200
    return lambda: thief.took(refreshed(thief.visitor, token))


def by_id_token(thief: Thief) -> Act:
    tokens = thief.visitor.exchange(thief.visitor.code(scope=SCOPE)).json()
    return lambda: thief.took(begun(thief.visitor, tokens["id_token"]))


def by_renewal(thief: Thief) -> Act:
    tokens = thief.visitor.exchange(thief.visitor.code(scope=SCOPE)).json()
    body = {"sessionToken": tokens["access_token"]}
    path = f"{SESSIONS}/renew"
    return lambda: thief.took(send("POST", path, token=tokens["id_token"], body=body))


def by_device(thief: Thief) -> Act:
    assert thief.visitor.sign_in().status == 200
    shell = shell_of(thief.visitor, scope=SCOPE)

    def act() -> None:
        shell.decide()
        thief.took(shell.ask_in_time())

    return act


def password_changed(home: Home, _: Thief) -> Act:
    body = {"password": PASSWORD, "newPassword": NEW}
    return lambda: done(home.ask("POST", "/password", body))


def others_ended(home: Home, _: Thief) -> Act:
    return lambda: done(home.ask("POST", "/sign-ins/end-others"))


def one_ended(home: Home, _: Thief) -> Act:
    (name,) = (e["id"] for e in home.ask("GET", "/sign-ins").json()["signIns"] if not e["current"])
    return lambda: done(home.ask("DELETE", f"/sign-ins/{name}"))


def factors_removed(home: Home, _: Thief) -> Act:
    tenant, token = home.tenant, home.platform.member_token(home.tenant.workspace)
    path = f"/api/v1/users/{tenant.user}/remove-factors"
    return lambda: done(send("POST", path, token=token))


FRESH: list[Way] = [
    *(by_password, by_password_of_old, by_passkey, by_second_factor, by_both_factors),
]
RESTING: list[Way] = [
    *(by_step_up, by_cookie, by_cookie_of_old, by_code, by_refresh_token),
    *(by_refresh_token_again, by_id_token, by_renewal, by_device),
]
MEETINGS: list[tuple[Way, End]] = [
    *((way, others_ended) for way in (*FRESH, *RESTING)),
    *((way, password_changed) for way in (by_password, by_password_of_old, by_passkey, by_step_up)),
    *((way, factors_removed) for way in (by_second_factor, by_passkey, by_step_up, by_code)),
    *((way, one_ended) for way in (by_step_up, by_cookie_of_old, by_code, by_id_token, by_renewal)),
]
# The whole way to and fro, of which each engine is asked.
EXAMPLES: list[tuple[Way, End]] = [
    *((by_password, password_changed), (by_cookie_of_old, others_ended)),
    *((by_step_up, one_ended), (by_id_token, others_ended)),
]


def done(answer: Answer) -> None:
    assert answer.status == 200, answer.body


def begun(visitor: Visitor, id_token: str) -> Answer:
    return send("POST", SESSIONS, token=id_token, body={"workspaceName": visitor.slug})


def refreshed(visitor: Visitor, token: str) -> Answer:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": visitor.tenant.application.client_id,
    }
    return post_form(f"/oidc/{visitor.slug}/token", form)


def is_out(thief: Thief) -> bool:
    """Tell whether nothing that a browser was given brings anything."""
    visitor = thief.visitor
    doors = [
        visitor.step("continue"),
        visitor.step("continue", request=thief.entry),
        Home(visitor).post("/member-token"),
        *map(visitor.exchange, thief.codes),
    ]
    for words in thief.given:
        token = words.get("access_token") or words.get("sessionToken")
        if token is not None:
            doors.append(send("GET", SESSIONS, token=token))
        if "id_token" in words:
            doors.append(begun(visitor, words["id_token"]))
        if "refresh_token" in words:
            doors.append(refreshed(visitor, words["refresh_token"]))
    return all(door.status in {400, 401, 410} for door in doors)


@dataclass
class Scene:
    """A workspace with an application of each kind."""

    platform: Platform
    tenant: Tenant
    old: Tenant
    number: Iterator[int] = field(default_factory=count)

    def cast(self, way: Way, end: End) -> tuple[Thief, Act, Act]:
        """Somebody whom nothing happened to yet, a thief about to come in, and the end of it."""
        tenant = self.platform.newcomer(self.tenant)
        old = replace(tenant, application=self.old.application)
        ip = f"198.51.{next(self.number) % 250}.{next(self.number) % 250}"
        visitor = Visitor(self.platform, tenant, ip=ip)
        thief = Thief(visitor, Visitor(self.platform, old, visitor.cookies, ip=ip))
        act = way(thief)
        home = Home(Visitor(self.platform, tenant, ip=ip))
        signed_in = home.visitor.sign_in()
        if thief.authenticator is not None:
            challenge = signed_in.json()["step"]["challenge"]
            code = thief.authenticator.code()
            done(home.visitor.step("steps/totp", challenge=challenge, code=code))
            self.platform.adapters.clock.pause(30)  # a code is good once
        done(home.post("/member-token"))
        return thief, act, end(home, thief)


@pytest.fixture
def memory() -> Iterator[Scene]:
    yield from scenes(None)


@pytest.fixture
def scene(engine: Engine) -> Iterator[Scene]:
    yield from scenes(engine)


def scenes(engine: Engine | None) -> Iterator[Scene]:
    for platform in platforms(engine):
        with installed(platform.services):
            tenant = platform.tenant(kind=ClientKind.NATIVE)
            application = platform.application(
                tenant.workspace, tenant.user, "old", return_flow=ReturnFlow.TOKEN
            )
            yield Scene(platform, tenant, replace(tenant, application=application))


@pytest.mark.parametrize(("way", "end"), MEETINGS)
def test_in_every_order_of_their_steps(memory: Scene, way: Way, end: End) -> None:
    # Who begins anew by a proof that still holds may do so the moment after.
    is_spared = way in FRESH and end is others_ended
    is_spared |= (way, end) == (by_passkey, password_changed)
    for is_end_within in (True,) if is_spared else (True, False):
        for at in count():
            for until in count():
                thief, act, ends = memory.cast(way, end)
                both = (act, ends) if is_end_within else (ends, act)
                is_met, is_stopped = meet(memory.platform, *both, at=at, until=until)
                assert is_out(thief) or not is_met, (is_end_within, at, until)
                if not is_stopped:
                    break
            if not is_met:
                break
        assert at > 1


def test_while_an_end_is_made_nothing_begins(platform: Platform) -> None:
    endings, clock = platform.services.endings, platform.adapters.clock
    person, browser = some_person(), new_browser_id()
    for one in (None, browser):
        with endings.under_way(person, browser=one):
            clock.pause(1)
            assert endings.covers(person, browser, since=clock.now())
        assert endings.covers(person, browser, since=clock.now())
        clock.pause(1)
        assert not endings.covers(person, browser, since=clock.now())
    assert not endings.covers(some_person(person.workspace), browser, since=0)


def test_whoever_stops_while_an_end_is_made_has_ended_what_was_before(platform: Platform) -> None:
    endings, clock = platform.services.endings, platform.adapters.clock
    person, browser = some_person(), new_browser_id()
    given_at = clock.now()
    with suppress(RuntimeError), endings.under_way(person):
        raise RuntimeError
    assert endings.covers(person, browser, since=given_at)
    clock.pause(CALL_SECONDS + 1)
    assert endings.covers(person, browser, since=given_at)
    assert not endings.covers(person, browser, since=clock.now())


@pytest.mark.parametrize(("way", "end"), EXAMPLES)
def test_on_the_engines_one_within_the_other(scene: Scene, way: Way, end: End) -> None:
    for at in count():
        thief, act, ends = scene.cast(way, end)
        is_within, _ = meet(scene.platform, act, ends, at=at, until=None)
        if not is_within:
            break
        assert is_out(thief), ("the end within", at)
    for at in count():
        thief, act, ends = scene.cast(way, end)
        is_within, _ = meet(scene.platform, ends, act, at=at, until=None)
        if not is_within:
            break
        assert is_out(thief), ("the way in within", at)


def test_no_visit_is_begun_anew_of_somebody_who_has_an_account_by_then(platform: Platform) -> None:
    tenant, login = platform.tenant(), platform.adapters.login
    person = Person(tenant.workspace.id, tenant.user)
    visitors = platform.services.hosted.guests.visitors
    with pytest.raises(TokenMissing):
        visitors.remember(person, app=tenant.application.id, visit=Visit(ORIGIN))
    assert login.browsers_of(person, now=platform.adapters.clock.now()) == []
