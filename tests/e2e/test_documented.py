"""A client that knows the documented session routes and nothing else of this repository."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest

from tests.e2e.launch import Run
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.slow

PROBLEM = {"type", "title", "status", "detail", "code", "error", "requestId"}


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Client:
    """What an integrator would write in an afternoon."""

    origin: str
    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Heard:
        sent = {"Authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): text for name, text in headers.items()}
        data = None if method in {"GET", "DELETE"} else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        request = Request(f"{self.origin}/api/v1{path}", data, sent, method=method)  # noqa: S310
        try:
            with urlopen(request, timeout=35) as answer:  # noqa: S310 - the origin under test
                return Heard(answer.status, answer.headers, answer.read())
        except HTTPError as refused:
            with refused:
                return Heard(refused.code, refused.headers, refused.read())

    def whole(self) -> Any:
        answer = self.ask("GET", "/sessions")
        assert answer.status == 200, answer
        return answer.json


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the hosted login, and the way to their ID token."""

    run: Run
    visitor: Visitor
    begun: list[Client] = field(default_factory=list)

    def arrived(self, path: str = "/sessions", **members: Any) -> tuple[Heard, "Person"]:
        id_token = self.visitor.tokens()["id_token"]
        body = {"workspaceName": "demo", "app_id": "notes", **members}
        return Client(self.run.origin, id_token).ask("POST", path, body), self

    def client(self, **members: Any) -> Client:
        answer, _ = self.arrived(**members)
        assert answer.status == 200, answer
        assert set(answer.json) == {"sessionToken"}
        self.begun.append(Client(self.run.origin, answer.json["sessionToken"]))
        return self.begun[-1]

    def leave(self) -> None:
        """Make room: a person may have only so many live sessions of an application."""
        for client in self.begun:
            client.ask("POST", "/sessions/revoke")


@pytest.fixture
def mira(run: Run) -> Iterator[Person]:
    person = _person(run, "mira@demo.example")
    yield person
    person.leave()


@pytest.fixture
def jonah(run: Run) -> Iterator[Person]:
    person = _person(run, "jonah@demo.example")
    yield person
    person.leave()


def _person(run: Run, email: str) -> Person:
    passwords = json.loads((run.state / "credentials.json").read_text())
    return Person(run, Visitor(run, email, passwords[email]))


def refused(answer: Heard, status: int, code: str) -> None:
    assert (answer.status, answer.json.get("code")) == (status, code), answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json.keys() >= PROBLEM
    assert answer.json["status"] == status
    assert answer.json["error"] == answer.json["title"]
    assert answer.json["type"].endswith(f"/problems/{code}")
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_new_session_is_an_empty_object(mira: Person) -> None:
    client = mira.client()
    answer = client.ask("GET", "/sessions")
    assert (answer.status, answer.body, answer.headers["ETag"]) == (200, b"{}", '"1"')
    assert answer.headers["Content-Type"] == "application/json"


def test_the_whole_payload_is_read_replaced_and_merged(mira: Person) -> None:
    client = mira.client(payload={"a": 1, "b": {"c": 2, "d": 3}})
    assert client.whole() == {"a": 1, "b": {"c": 2, "d": 3}}
    merged = client.ask("PATCH", "/sessions", {"a": None, "b": {"c": None}, "e": [1]})
    assert (merged.status, merged.json) == (200, {"b": {"d": 3}, "e": [1]})
    replaced = client.ask("PUT", "/sessions", {"z": True})
    assert (replaced.status, replaced.json, replaced.headers["ETag"]) == (200, {"z": True}, '"3"')
    assert client.whole() == {"z": True}
    kind = "application/merge-patch+json"
    assert client.ask("PATCH", "/sessions", {"y": 1}, Content_Type=kind).json == {"z": True, "y": 1}
    unfit: list[Any] = [[], "a", 1, None]
    for body in unfit:
        refused(client.ask("PUT", "/sessions", body), 400, "invalid_input")
    refused(
        client.ask("PUT", "/sessions", {}, Content_Type="text/plain"), 415, "unsupported_media_type"
    )


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"value": "blue"}, "blue"),
        ({"value": None}, None),
        ({"value": {"value": 1}}, {"value": 1}),
        ({"value": 1, "other": 2}, {"value": 1, "other": 2}),
        ({"other": 2}, {"other": 2}),
        ("blue", "blue"),
        (0, 0),
        (None, None),
        ([], []),
        ({}, {}),
        (False, False),
    ],
)
def test_set_takes_a_value_or_an_object_that_holds_one(mira: Person, body: Any, kept: Any) -> None:
    client = mira.client(payload={"before": 1})
    answer = client.ask("POST", "/sessions/set/color", body)
    assert (answer.status, answer.json) == (200, {"before": 1, "color": kept})
    read = client.ask("GET", "/sessions/get/color")
    assert (read.status, read.json) == (200, {"key": "color", "value": kept})
    assert read.headers["ETag"] == answer.headers["ETag"] == '"2"'


@pytest.mark.parametrize("key", ["a/b", "a b", "é", "🔑", "%2F", "a%2Fb", "keys", "ü" * 200, "+"])
def test_a_key_is_decoded_once_and_reads_back(mira: Person, key: str) -> None:
    client = mira.client()
    path = quote(key, safe="")
    assert client.ask("POST", f"/sessions/set/{path}", {"value": 1}).json == {key: 1}
    assert client.ask("GET", f"/sessions/get/{path}").json == {"key": key, "value": 1}
    there, gone = (client.ask("DELETE", f"/sessions/delete/{path}") for _ in range(2))
    assert (there.status, there.body) == (200, b"true")
    assert (gone.status, gone.body) == (200, b"false")
    refused(client.ask("GET", f"/sessions/get/{path}"), 404, "key_not_found")


def test_keys_are_listed_by_prefix_and_by_pages(mira: Person) -> None:
    client = mira.client(payload={"b/2": "ü", "a": 1, "b/1": None, "b/3": [1, 2]})
    everything = client.ask("GET", "/sessions/keys").json
    assert [item["key"] for item in everything["items"]] == ["a", "b/1", "b/2", "b/3"]
    assert everything["nextCursor"] is None
    names, cursor = [], None
    while True:
        query = {"prefix": "b/", "limit": "2"} | ({} if cursor is None else {"cursor": cursor})
        page = client.ask("GET", f"/sessions/keys?{urlencode(query)}").json
        names += [(item["key"], item["size"]) for item in page["items"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert names == [("b/1", 4), ("b/2", 4), ("b/3", 5)]


def test_versions_guard_writes_and_spare_reads(mira: Person) -> None:
    client = mira.client(payload={"n": 0})
    tag = client.ask("GET", "/sessions").headers["ETag"]
    unchanged = client.ask("GET", "/sessions", If_None_Match=tag)
    assert (unchanged.status, unchanged.body, unchanged.headers["ETag"]) == (304, b"", tag)
    assert client.ask("PUT", "/sessions", {"n": 1}, If_Match=tag).status == 200
    refused(client.ask("PUT", "/sessions", {"n": 2}, If_Match=tag), 412, "version_mismatch")
    late = client.ask("POST", "/sessions/set/n", {"value": 2}, If_Match=tag)
    refused(late, 412, "version_mismatch")
    refused(client.ask("DELETE", "/sessions/delete/n", If_Match=tag), 412, "version_mismatch")
    assert client.whole() == {"n": 1}


def test_identity_is_a_stable_number_and_an_address(mira: Person, jonah: Person) -> None:
    first, second = (mira.client().ask("GET", "/sessions/identity").json for _ in range(2))
    assert set(first) == {"userId", "email"}
    assert type(first["userId"]) is int
    assert first == second
    assert first["email"] == "mira@demo.example"
    assert jonah.client().ask("GET", "/sessions/identity").json["userId"] != first["userId"]


def test_get_or_create_continues_the_newest_session_with_a_fresh_token(mira: Person) -> None:
    older, newest = mira.client(payload={"s": "older"}), mira.client(payload={"s": "newest"})
    again, _ = mira.arrived("/sessions/get-or-create", payload={"s": "ignored"})
    assert (again.status, set(again.json)) == (200, {"sessionToken"})
    continued = Client(newest.origin, again.json["sessionToken"])
    assert continued.token != newest.token
    assert continued.whole() == newest.whole() == {"s": "newest"}
    assert older.whole() == {"s": "older"}
    newest.ask("POST", "/sessions/revoke")
    then, _ = mira.arrived("/sessions/get-or-create")
    assert Client(older.origin, then.json["sessionToken"]).whole() == {"s": "older"}


def test_what_a_body_names_grants_nothing(mira: Person) -> None:
    for members in ({"workspaceName": "console"}, {"app_id": "forms"}):
        refused(mira.arrived(**members)[0], 403, "forbidden")
        refused(mira.arrived("/sessions/get-or-create", **members)[0], 403, "forbidden")
    client = mira.client()
    refused(client.ask("POST", "/sessions", {"workspaceName": "demo"}), 401, "token_invalid")


def test_a_renewal_supersedes_and_keeps_the_data(mira: Person, jonah: Person) -> None:
    client = mira.client(payload={"a": 1})
    stranger = Client(client.origin, jonah.visitor.tokens()["id_token"])
    body = {"sessionToken": client.token}
    refused(stranger.ask("POST", "/sessions/renew", body), 403, "not_owner")
    owner = Client(client.origin, mira.visitor.tokens()["id_token"])
    answer = owner.ask("POST", "/sessions/renew", body)
    assert (answer.status, set(answer.json)) == (200, {"sessionToken", "payload"})
    assert answer.json["payload"] == {"a": 1}
    refused(client.ask("GET", "/sessions"), 401, "token_superseded")
    refused(client.ask("PUT", "/sessions", {}), 401, "token_superseded")
    assert Client(client.origin, answer.json["sessionToken"]).whole() == {"a": 1}


def test_a_sign_out_ends_one_device_and_leaves_the_data(mira: Person) -> None:
    here = mira.client(payload={"a": 1})
    there, _ = mira.arrived("/sessions/get-or-create")
    other = Client(here.origin, there.json["sessionToken"])
    answer = here.ask("POST", "/auth/logout")
    assert (answer.status, answer.json) == (200, {"loggedOut": True})
    refused(here.ask("GET", "/sessions"), 401, "token_superseded")
    assert other.whole() == {"a": 1}


def test_a_sign_out_everywhere_ends_every_device(run: Run) -> None:
    # Nobody else's: a sign-in of the very second of such a sign-out counts as ended by it.
    sena = _person(run, "sena@demo.example")
    devices = [sena.client(payload={"a": 1}), sena.client(payload={"a": 2})]
    assert devices[0].ask("POST", "/auth/logout?everywhere=true").json == {"loggedOut": True}
    for device in devices:
        refused(device.ask("GET", "/sessions"), 401, "token_superseded")


def test_a_repeated_request_under_one_key_is_done_once(mira: Person) -> None:
    client = mira.client(payload={"n": 0})
    first, again = (
        client.ask("POST", "/sessions/set/n", {"value": 1}, Idempotency_Key="order-7")
        for _ in range(2)
    )
    assert (first.status, first.json, first.headers["ETag"]) == (200, {"n": 1}, '"2"')
    assert (again.status, again.body, again.headers["ETag"]) == (200, first.body, '"2"')
    other = client.ask("POST", "/sessions/set/n", {"value": 2}, Idempotency_Key="order-7")
    refused(other, 422, "idempotency_reused")
    assert client.ask("GET", "/sessions").headers["ETag"] == '"2"'


def test_a_revocation_ends_the_session_for_good(mira: Person) -> None:
    client = mira.client(payload={"a": 1})
    answer = client.ask("POST", "/sessions/revoke")
    assert (answer.status, set(answer.json)) == (200, {"revoked", "sessionId"})
    assert answer.json["revoked"] is True
    for method, path in (("GET", "/sessions"), ("PUT", "/sessions"), ("GET", "/sessions/identity")):
        refused(client.ask(method, path, {}), 410, "session_ended")


def test_a_page_may_call_from_where_people_return_to(mira: Person, run: Run) -> None:
    client = mira.client()
    answer = client.ask("GET", "/sessions", Origin=run.sample)
    assert answer.headers["Access-Control-Allow-Origin"] == run.sample
    assert "Origin" in answer.headers["Vary"]
    elsewhere = client.ask("GET", "/sessions", Origin="https://evil.example")
    refused(elsewhere, 403, "origin_not_allowed")
    nobody = Client(client.origin, "").ask("GET", "/sessions", Origin="https://evil.example")
    refused(nobody, 401, "token_missing")
    assert nobody.headers["Access-Control-Allow-Origin"] == "*"
