"""Promise 10: an address that nobody has costs what a known one costs, and is answered the same."""

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256

import pytest

from chalicelib.domain.audit import SYSTEM, AuditAction
from chalicelib.domain.users import User, UserStatus
from tests.api.platform import Answer
from tests.builders import ORIGIN
from tests.engines import Engine
from tests.promises.cloud import Cloud, cloud_on
from tests.promises.work import Work

PASSWORD = "plain words are long"
BARRED = ("suspended", "without a password")


@dataclass
class Stage:
    """A workspace whose every call is watched."""

    cloud: Cloud
    work: Work

    def email(self, kind: str) -> str:
        """A fresh address, and whoever has it."""
        email = f"somebody-{secrets.token_hex(6)}@example.org"
        if kind != "unknown":
            self._settle(email, kind)
        return email

    def _settle(self, email: str, kind: str) -> None:
        services, workspace = self.cloud.services, self.cloud.workspace
        draft = services.hosted.users.draft(
            workspace.id, email=email, password=PASSWORD, name="Mira"
        )
        user = User(
            person=draft.person,
            status=UserStatus.SUSPENDED if kind == "suspended" else UserStatus.ACTIVE,
            profile=draft.profile,
            password=None if kind == "without a password" else draft.password,
            created_at=services.adapters.clock.now(),
        )
        event = services.trail.event(
            AuditAction.USER_CREATED, workspace=workspace.id, actor=SYSTEM, origin=ORIGIN
        )
        services.adapters.users.create(user, address=draft.address, keys=draft.keys, event=event)

    def step(self, name: str, email: str, /, **given: str) -> Answer:
        """A step from a network where nobody else ever was."""
        request = {**self.cloud.request(), "login_hint": email}
        first, second, third = sha256(email.encode()).digest()[:3]
        return self.cloud.step(name, request, given, ip=f"10.{first}.{second}.{third}")


@pytest.fixture(scope="module")
def stage(engine: Engine) -> Iterator[Stage]:
    work = Work()
    with cloud_on(engine, work.adapters) as cloud:
        yield Stage(cloud, work)


def wrong_password(stage: Stage, email: str) -> Answer:
    return stage.step("sign-in", email, email=email, password="other words entirely")


def wrong_passwords(stage: Stage, email: str) -> Answer:
    for _ in range(5):
        wrong_password(stage, email)
    return wrong_password(stage, email)


def forgotten(stage: Stage, email: str) -> Answer:
    return stage.step("password/forgot", email, email=email)


def forgotten_often(stage: Stage, email: str) -> Answer:
    for _ in range(5):
        forgotten(stage, email)
    return forgotten(stage, email)


def wrong_reset(stage: Stage, email: str) -> Answer:
    challenge = forgotten(stage, email).json()["challenge"]
    words = {"challenge": challenge, "code": "x", "password": "other words entirely"}
    return stage.step("password/reset", email, **words)


def sign_up(stage: Stage, email: str) -> Answer:
    return stage.step("sign-up", email, email=email, password=PASSWORD)


def sign_up_again(stage: Stage, email: str) -> Answer:
    challenge = sign_up(stage, email).json()["challenge"]
    return stage.step("sign-up/resend", email, challenge=challenge)


def wrong_code(stage: Stage, email: str) -> Answer:
    challenge = sign_up(stage, email).json()["challenge"]
    return stage.step("sign-up/verify", email, challenge=challenge, code="x")


def route(stage: Stage, email: str) -> Answer:
    return stage.step("sso/route", email, email=email)


def passkey(stage: Stage, email: str) -> Answer:
    return stage.step("passkey/options", email)


def opening(stage: Stage, email: str) -> Answer:
    return stage.step("context", email)


Ask = Callable[[Stage, str], Answer]
ASKED: tuple[Ask, ...] = (
    *(wrong_password, wrong_passwords, forgotten, forgotten_often, wrong_reset),
    *(sign_up, sign_up_again, wrong_code, route, passkey, opening),
)


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        *((ask, "known") for ask in ASKED),
        # Whose account it is, and not only whether there is one, is asked by these.
        *((ask, kind) for ask in (wrong_password, forgotten, wrong_reset) for kind in BARRED),
    ],
)
def test_nobody_learns_whether_there_is_an_account(stage: Stage, ask: Ask, kind: str) -> None:
    ask(stage, stage.email("unknown"))  # what is remembered for a minute is remembered now
    # A machine under load sends a call twice now and then; what differs each time is a difference.
    for _ in range(3):
        unknown, known = (asked(stage, ask, one) for one in ("unknown", kind))
        if unknown == known:
            break
    assert unknown == known
    assert unknown[0] or ask in (route, opening)


def asked(stage: Stage, ask: Ask, kind: str) -> tuple[list[str], object]:
    """The work for one address, and what it was answered."""
    email = stage.email(kind)
    answer, work = stage.work.of(partial(ask, stage, email))
    return work, shape(answer, email)


def test_work_that_differs_is_seen(stage: Stage) -> None:
    _, tried = stage.work.of(partial(wrong_password, stage, stage.email("unknown")))
    _, mailed = stage.work.of(partial(forgotten, stage, stage.email("unknown")))
    assert tried.count("passwords.fits") == mailed.count("mailer.send") == 1
    assert len(tried) > len(mailed) > 5
    before = stage.email("known")
    given = {"email": before, "password": PASSWORD}
    _, entered = stage.work.of(partial(stage.step, "sign-in", before, **given))
    assert entered != tried


def shape(answer: Answer, email: str) -> object:
    """An answer without what is new each time, but for its length."""
    plain = answer.body.replace(email, "<email>")
    masked = re.sub(r"[A-Za-z0-9_-]{22,}", lambda found: "x" * len(found[0]), plain)
    return replace(answer, body=masked, headers={**answer.headers, "date": ""})
