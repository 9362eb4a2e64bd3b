"""A whole platform in memory: requests go through the very handler that Lambda calls."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app import app
from chalicelib.domain.applications import Application
from chalicelib.domain.audit import SYSTEM, AuditEvent
from chalicelib.domain.browsers import cookie_name
from chalicelib.domain.callers import Arrival, MemberCaller, Visit
from chalicelib.domain.factors import BY_PASSWORD
from chalicelib.domain.ids import AppId, UserId, new_grant_id, new_user_id
from chalicelib.domain.payloads import Payload
from chalicelib.domain.registrations import Registration
from chalicelib.domain.sessions import Head, Person
from chalicelib.domain.tokens import IdToken, MemberToken, SignIn
from chalicelib.domain.workspaces import Member, Role, Workspace
from chalicelib.services.grants import Issued
from chalicelib.settings import Settings
from chalicelib.wiring.container import Container
from infra.local.server.isolation import isolate_threads
from tests.builders import ORIGIN
from tests.fakes.adapters import MemoryAdapters
from tests.promised import accepts, holds

OWN_ORIGIN = "https://flows.example"
PAGE = "https://notes.example"

# Tests call from several threads, where Lambda serves one request at a time.
isolate_threads(app)


@dataclass(frozen=True)
class Answer:
    """What came back, with header names in lower case."""

    status: int
    headers: Mapping[str, str]
    cookies: list[str]
    body: str

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        if not self.headers.get("content-type", "").startswith("application/problem+json"):
            return None
        return str(self.json()["code"])


@dataclass
class Tenant:
    """A workspace with one application and one user."""

    workspace: Workspace
    application: Application
    user: UserId
    email: str


@dataclass
class Platform:
    """Services on memory adapters, and a way to call them over (events of) HTTP."""

    adapters: MemoryAdapters = field(default_factory=MemoryAdapters)

    def __post_init__(self) -> None:
        settings = Settings(stage="test", origin=OWN_ORIGIN, mail_from="login@flows.example")
        self.services = Container(settings, self.adapters)
        assert self.adapters.signatures

    @property
    def events(self) -> list[AuditEvent]:
        return self.adapters.audit.events

    def actions_since(self, count: int) -> list[str]:
        return [event.action.value for event in self.events[count:]]

    def tenant(
        self, slug: str = "acme", app_id: str = "notes", *, page: str = PAGE, **settings: Any
    ) -> Tenant:
        """Create a workspace with an application and a user."""
        owner = new_user_id()
        workspace = self.services.workspaces.create(
            slug=slug, name=slug.title(), owner=owner, open_signup=True, origin=ORIGIN
        )
        application = self.application(workspace, owner, app_id, page=page, **settings)
        email = f"mira@{slug}.example"
        return Tenant(workspace, application, self.user(workspace, email), email)

    def application(
        self, workspace: Workspace, owner: UserId, app_id: str, *, page: str = PAGE, **settings: Any
    ) -> Application:
        """Register an application as its owner would."""
        words: dict[str, Any] = {
            "token_seconds": 900,
            "payload_seconds": 0,
            "payload_bytes": 262_144,
            **settings,
        }
        member = Member(workspace=workspace.id, operator=owner, role=Role.OWNER, since=0)
        return self.services.applications.register(
            MemberCaller(member=member, visit=Visit(ORIGIN)),
            Registration(
                id=AppId(app_id),
                name=app_id.title(),
                redirect_uris=(f"{page}/",),
                post_logout_uris=(f"{page}/",),
                **words,
            ),
        )

    def user(self, workspace: Workspace, email: str, password: str | None = None) -> UserId:
        """Create a user as a finished sign-up would."""
        draft = self.services.hosted.users.draft(
            workspace.id, email=email, password=password or "plain words are long", name="Mira"
        )
        return self.services.hosted.users.store(draft, actor=SYSTEM, origin=ORIGIN).user

    def newcomer(self, tenant: Tenant) -> Tenant:
        """Somebody else at a tenant's application, whom nothing happened to yet."""
        email = f"n{new_user_id()}@{tenant.workspace.slug}.example"
        return replace(tenant, user=self.user(tenant.workspace, email), email=email)

    def arrival(self, tenant: Tenant) -> Arrival:
        return Arrival(
            slug=tenant.workspace.slug,
            application=tenant.application,
            user=tenant.user,
            email=tenant.email,
            sign_in=SignIn(auth_time=self.adapters.clock.now()),
            visit=Visit(ORIGIN),
        )

    def session(self, tenant: Tenant, seed: Payload | None = None) -> tuple[Head, Issued]:
        """Sign the tenant's user in."""
        head = self.services.sessions.enter(self.arrival(tenant), seed=seed or {})
        return head, self.services.grants.issue(self.arrival(tenant), head, grant=new_grant_id())

    def token(self, tenant: Tenant, seed: Payload | None = None) -> str:
        return self.session(tenant, seed)[1].text

    def id_token(self, tenant: Tenant, **changes: Any) -> str:
        now = self.adapters.clock.now()
        words: dict[str, Any] = {
            "slug": tenant.workspace.slug,
            "client_id": tenant.application.client_id,
            "user": tenant.user,
            "sid": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "grant": new_grant_id(),
            "sign_in": SignIn(auth_time=now),
            "iat": now,
            "exp": now + 300,
            "email": tenant.email,
            **changes,
        }
        return self.services.tokens.id_token(IdToken(**words))

    def person_token(self, tenant: Tenant) -> str:
        """Answer the token of the tenant's user at their own account, freshly signed in."""
        hosted = self.services.hosted
        if self.adapters.keys.of_user(Person(tenant.workspace.id, tenant.user)) is None:
            # Whoever was erased by the request before is somebody new in the next one.
            tenant.user = self.user(tenant.workspace, tenant.email)
        person = Person(tenant.workspace.id, tenant.user)
        begun = hosted.browsers.begin(
            person,
            BY_PASSWORD.asked(self.adapters.clock.now()),
            cookies={},
            app=None,
            visit=Visit(ORIGIN),
            is_known=True,
        )
        cookies = {cookie_name(person.workspace): begun.secret}
        return hosted.account.dashboard.enter(tenant.workspace.slug, cookies).text

    def member_token(self, workspace: Workspace, role: Role = Role.OWNER) -> str:
        self.services.deployment.prepare()
        operator = new_user_id()
        member = Member(workspace=workspace.id, operator=operator, role=role, since=0)
        self.adapters.members.put(member)
        now = self.adapters.clock.now()
        return self.services.manage_tokens.member_token(
            MemberToken(
                workspace=workspace.id,
                operator=operator,
                grant=new_grant_id(),
                role=role.value,
                sign_in=SignIn(auth_time=now),
                exp=now + 600,
            )
        )


def send(
    method: str,
    path: str,
    *,
    token: str | None = None,
    body: Any = None,
    raw: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    lines: Sequence[tuple[str, str]] = (),
    ip: str = "192.0.2.7",
) -> Answer:
    """Call the handler that Lambda calls with the event that API Gateway would make.

    `lines` are headers whose names may come several times.
    """
    parts = urlsplit(path)
    resource, params = _routed(parts.path)
    sent = {"host": "flows.example", **(headers or {}), **dict(lines)}
    if token is not None:
        sent.setdefault("authorization", f"Bearer {token}")
    if raw is None and body is not None:
        raw = json.dumps(body).encode()
    if raw is not None:
        sent.setdefault("content-type", "application/json")
    query = parse_qs(parts.query, keep_blank_values=True)
    event = {
        "resource": resource,
        "path": parts.path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {
            name: [said for other, said in lines if other == name] or [value]
            for name, value in sent.items()
        },
        "queryStringParameters": {k: v[-1] for k, v in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": params or None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": resource,
            "path": parts.path,
            "requestId": "req-1",
            "identity": {"sourceIp": ip},
        },
        "body": None if raw is None else base64.b64encode(raw).decode(),
        "isBase64Encoded": raw is not None,
    }
    result = app(event, _Context())
    many = result.get("multiValueHeaders") or {}
    answered = {name.lower(): value for name, value in result["headers"].items()}
    cookies = [v for name, values in many.items() if name.lower() == "set-cookie" for v in values]
    status, text = result["statusCode"], result["body"]
    holds(method, resource, status=status, headers=answered, body=text)
    if status < 300 and raw:
        media_type = sent["content-type"].partition(";")[0]
        accepts(method, resource, media_type=media_type, body=raw)
    return Answer(status, answered, cookies, text)


class _Context:
    aws_request_id = "req-1"
    function_name = "api"

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


def _routed(path: str) -> tuple[str, dict[str, str]]:
    steps = path.split("/")
    exact = [route for route in app.routes if route == path]
    for route in exact + [route for route in app.routes if "{" in route]:
        pattern = route.split("/")
        if len(pattern) != len(steps):
            continue
        pairs = list(zip(pattern, steps, strict=True))
        if all(p == s or (p.startswith("{") and s) for p, s in pairs):
            return route, {p[1:-1]: s for p, s in pairs if p.startswith("{")}
    raise LookupError(f"no route for {path}")
