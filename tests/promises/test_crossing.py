"""Promise 2: nothing crosses a partition, whatever anybody does in whatever order."""

import itertools
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import jwt
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.domain.audit import SYSTEM, AuditAction
from chalicelib.domain.callers import Arrival, Visit
from chalicelib.domain.ids import UserId, new_grant_id, new_user_id
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import SignIn
from chalicelib.domain.users import User, UserStatus
from chalicelib.domain.workspaces import Workspace
from chalicelib.wiring.process import installed
from tests.api.platform import Answer, Platform, Tenant, send
from tests.builders import ORIGIN

SLUGS, APPS, USERS = ("acme", "globex"), ("notes", "forms"), ("mira", "nils")
KEYS = ("a", "a/b", "shared", "__proto__")


@dataclass
class Model:
    """What a session should hold, and which of its tokens should work."""

    slug: str
    app: str
    user: str
    payload: dict[str, Any]
    tokens: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    is_live: bool = True


class TwoByTwoByTwo(RuleBasedStateMachine):
    """Two workspaces, two applications, two users, and a plain model of what each should see."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.platform = Platform()
        self.sessions: dict[str, Model] = {}
        self.numbers = itertools.count()

    @initialize()
    def settle(self) -> None:
        self.stack.enter_context(installed(self.platform.services))
        self.tenants: dict[tuple[str, str, str], Tenant] = {}
        # The same people, with the very same ids and addresses, in both workspaces.
        uids = {name: new_user_id() for name in USERS}
        for slug in SLUGS:
            workspace = self.platform.services.workspaces.create(
                slug=slug, name=slug, owner=uids["mira"], open_signup=True, origin=ORIGIN
            )
            for app_id in APPS:
                application = self.platform.application(workspace, uids["mira"], app_id)
                for name in USERS:
                    tenant = Tenant(workspace, application, uids[name], f"{name}@example.org")
                    self.tenants[slug, app_id, name] = tenant
            for name in USERS:
                _settle(self.platform, workspace, uids[name], f"{name}@example.org")

    def teardown(self) -> None:
        self.stack.close()

    @rule(
        slug=st.sampled_from(SLUGS),
        app=st.sampled_from(APPS),
        user=st.sampled_from(USERS),
        route=st.sampled_from(["login", "get-or-create", "create"]),
    )
    def arrive(self, slug: str, app: str, user: str, route: str) -> None:
        tenant = self.tenants[slug, app, user]
        brought = {"brought": self.mark(slug, app, user)}
        newest = self.newest(slug, app, user)
        if route == "login":
            head = self.platform.services.sessions.enter(self.arrival(tenant), seed=dict(brought))
            issued = self.platform.services.grants.issue(
                self.arrival(tenant), head, grant=new_grant_id()
            )
            token = issued.text
        else:
            path = "/api/v1/sessions" + ("/get-or-create" if route == "get-or-create" else "")
            body = {"workspaceName": slug, "app_id": app, "payload": brought}
            answer = send("POST", path, token=self.platform.id_token(tenant), body=body)
            assert answer.status == 200, answer
            token = answer.json()["sessionToken"]
        sid = str(jwt.decode(token, options={"verify_signature": False})["sid"])
        if newest is not None and route != "create":
            assert sid == newest
        else:
            assert sid not in self.sessions
            self.sessions[sid] = Model(slug, app, user, payload=brought)
        self.sessions[sid].tokens.append(token)
        # A ULID's order is that of time, down to the millisecond.
        self.platform.adapters.clock.pause(0.01)

    @precondition(lambda self: self.live())
    @rule(pick=st.randoms(use_true_random=False), key=st.sampled_from(KEYS))
    def set_key(self, pick: Any, key: str) -> None:
        model, token = self.picked(pick)
        value = self.mark(model.slug, model.app, model.user)
        path = f"/api/v1/sessions/set/{quote(key, safe='')}"
        model.payload = {**model.payload, key: value}
        self.same(send("POST", path, token=token, body={"value": value}), model.payload)

    @precondition(lambda self: self.live())
    @rule(pick=st.randoms(use_true_random=False), key=st.sampled_from(KEYS))
    def delete_key(self, pick: Any, key: str) -> None:
        model, token = self.picked(pick)
        answer = send("DELETE", f"/api/v1/sessions/delete/{quote(key, safe='')}", token=token)
        self.same(answer, key in model.payload)
        model.payload = {name: value for name, value in model.payload.items() if name != key}

    @precondition(lambda self: self.live())
    @rule(pick=st.randoms(use_true_random=False), key=st.sampled_from(KEYS))
    def get_key(self, pick: Any, key: str) -> None:
        model, token = self.picked(pick)
        answer = send("GET", f"/api/v1/sessions/get/{quote(key, safe='')}", token=token)
        if key in model.payload:
            self.same(answer, {"key": key, "value": model.payload[key]})
        else:
            assert (answer.status, answer.code) == (404, "key_not_found")

    @precondition(lambda self: self.live())
    @rule(pick=st.randoms(use_true_random=False))
    def list_keys(self, pick: Any) -> None:
        model, token = self.picked(pick)
        answer = send("GET", "/api/v1/sessions/keys", token=token)
        assert [item["key"] for item in answer.json()["items"]] == sorted(model.payload)

    @precondition(lambda self: self.live())
    @rule(pick=st.randoms(use_true_random=False), method=st.sampled_from(["PUT", "PATCH"]))
    def write_whole(self, pick: Any, method: str) -> None:
        model, token = self.picked(pick)
        change = {"whole": self.mark(model.slug, model.app, model.user)}
        model.payload = change if method == "PUT" else {**model.payload, **change}
        answer = send(method, "/api/v1/sessions", token=token, body=change)
        self.same(answer, model.payload)

    @precondition(lambda self: self.live())
    @rule(pick=st.randoms(use_true_random=False))
    def who_am_i(self, pick: Any) -> None:
        model, token = self.picked(pick)
        tenant = self.tenants[model.slug, model.app, model.user]
        answer = send("GET", "/api/v1/sessions/identity", token=token)
        self.same(answer, {"userId": tenant.user, "email": tenant.email})

    @precondition(lambda self: self.live())
    @rule(pick=st.randoms(use_true_random=False))
    def revoke(self, pick: Any) -> None:
        model, token = self.picked(pick)
        assert send("POST", "/api/v1/sessions/revoke", token=token).status == 200
        model.is_live = False

    @precondition(lambda self: self.live())
    @rule(pick=st.randoms(use_true_random=False))
    def log_out(self, pick: Any) -> None:
        model, token = self.picked(pick)
        assert send("POST", "/api/v1/auth/logout", token=token).status == 200
        model.tokens.remove(token)
        model.dead.append(token)

    @precondition(lambda self: self.live())
    @rule(
        pick=st.randoms(use_true_random=False),
        slug=st.sampled_from(SLUGS),
        app=st.sampled_from(APPS),
        user=st.sampled_from(USERS),
    )
    def renew(self, pick: Any, slug: str, app: str, user: str) -> None:
        model, token = self.picked(pick)
        answer = send(
            "POST",
            "/api/v1/sessions/renew",
            token=self.platform.id_token(self.tenants[slug, app, user]),
            body={"sessionToken": token},
        )
        if (slug, app, user) != (model.slug, model.app, model.user):
            assert (answer.status, answer.code) == (403, "not_owner")
            return
        assert answer.status == 200, answer
        assert answer.json()["payload"] == model.payload
        model.dead += model.tokens
        model.tokens = [answer.json()["sessionToken"]]

    @invariant()
    def everybody_sees_their_own_and_nothing_else(self) -> None:
        for model in self.sessions.values():
            for token in model.tokens[-2:]:
                answer = send("GET", "/api/v1/sessions", token=token)
                if model.is_live:
                    self.same(answer, model.payload)
                else:
                    assert (answer.status, answer.code) == (410, "session_ended")
            for token in model.dead[-1:]:
                answer = send("GET", "/api/v1/sessions", token=token)
                expected = (401, "token_superseded") if model.is_live else (410, "session_ended")
                assert (answer.status, answer.code) == expected

    def live(self) -> list[Model]:
        return [model for model in self.sessions.values() if model.is_live and model.tokens]

    def picked(self, pick: Any) -> tuple[Model, str]:
        model: Model = pick.choice(self.live())
        return model, pick.choice(model.tokens)

    def newest(self, slug: str, app: str, user: str) -> str | None:
        live = (
            sid
            for sid, model in self.sessions.items()
            if model.is_live and (model.slug, model.app, model.user) == (slug, app, user)
        )
        return max(live, default=None)

    def mark(self, slug: str, app: str, user: str) -> str:
        return f"of {user} in {app} of {slug}, {next(self.numbers)}"

    def arrival(self, tenant: Tenant) -> Arrival:
        return Arrival(
            slug=tenant.workspace.slug,
            application=tenant.application,
            user=tenant.user,
            email=tenant.email,
            sign_in=SignIn(auth_time=self.platform.adapters.clock.now()),
            visit=Visit(ORIGIN),
        )

    @staticmethod
    def same(answer: Answer, expected: object) -> None:
        assert answer.status == 200, answer
        assert answer.json() == expected


def _settle(platform: Platform, workspace: Workspace, uid: UserId, email: str) -> None:
    services = platform.services
    keys = services.keys.new_user(workspace.id, uid)
    drafted = services.hosted.users.draft(workspace.id, email=email, password="x" * 20, name=None)
    user = User(
        person=Person(workspace.id, uid),
        status=UserStatus.ACTIVE,
        profile=drafted.profile,
        password=None,
        created_at=platform.adapters.clock.now(),
    )
    event = services.trail.event(
        AuditAction.USER_CREATED, workspace=workspace.id, actor=SYSTEM, origin=ORIGIN, subject=uid
    )
    platform.adapters.users.create(user, address=drafted.address, keys=keys, event=event)


TestNothingCrosses = TwoByTwoByTwo.TestCase
TwoByTwoByTwo.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
