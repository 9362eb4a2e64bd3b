"""How many sessions' requests a process remembers."""

from chalicelib.domain.callers import SessionCaller, Visit
from chalicelib.domain.ids import new_grant_id
from chalicelib.domain.sessions import Access
from chalicelib.domain.tokens import SessionToken, SignIn
from tests.api.platform import Platform
from tests.builders import NOW, ORIGIN, some_ref


def some_caller() -> SessionCaller:
    access = Access(some_ref(), 1, new_grant_id())
    token = SessionToken("acme", "client", access, SignIn(auth_time=NOW), NOW + 900, "openid")
    return SessionCaller(token, Visit(ORIGIN))


def test_the_session_that_was_not_seen_for_longest_makes_room(platform: Platform) -> None:
    rates = platform.services.rates
    first, second = some_caller(), some_caller()
    for caller in (first, second, first):
        rates.count(caller)
    for _ in range(9_999):
        rates.count(some_caller())
    assert rates.allowance(first).remaining == 60_000 - 2
    assert rates.allowance(second).remaining == 60_000
