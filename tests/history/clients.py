"""Clients that do anything at random, and write down what they asked and heard."""

import base64
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote

from chalicelib.domain.errors import WriteConflict
from chalicelib.domain.ids import SessionId, new_session_id
from tests.e2e.client import Answer
from tests.history.cluster import Cluster, Place
from tests.history.operations import Kind, Operation, Pass
from tests.history.proxy import LATEST

KEYS = ("a", "b", "c/d", "grüße", "__proto__")
PATIENCE = 12.0  # seconds that a client waits
_SLACK = 3.0
# After this many seconds nothing of a request that got no answer is under way any more.
_FORGOTTEN = 40.0
_SESSIONS = "/api/v1/sessions"
_NEVER_SENT = (ConnectionRefusedError,)

WEIGHTS: Mapping[Kind, float] = {
    Kind.READ: 20,
    Kind.READ_KEY: 8,
    Kind.IDENTITY: 2,
    Kind.SET: 22,
    Kind.PATCH: 10,
    Kind.REPLACE: 6,
    Kind.DELETE: 7,
    Kind.RENEW: 5,
    Kind.LOG_OUT: 1.5,
    Kind.LOG_OUT_ALL: 0.6,
    Kind.REVOKE: 1.5,
    Kind.CREATE: 1.5,
    Kind.CONTINUE: 6,
    Kind.EXPIRE: 5,  # a sign-in, whose session may have a short lifetime
}


@dataclass(frozen=True, slots=True)
class Token:
    """A sessionToken, and what it says."""

    text: str = field(repr=False)
    says: Pass

    @classmethod
    def of(cls, text: str) -> "Token":
        body = text.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return cls(text, Pass(claims["sid"], claims["rev"], claims["gid"]))


@dataclass(slots=True)
class Shared:
    """What the clients of one person tell each other: tokens and versions, old and new."""

    place: Place
    tokens: list[Token] = field(default_factory=list)
    etags: dict[str, int] = field(default_factory=dict)
    repeatable: list[dict[str, Any]] = field(default_factory=list)
    sid: str = field(default_factory=lambda: new_session_id(0))


@dataclass(slots=True)
class Recorder:
    """The record, in the order of the answers; several threads write into it."""

    operations: list[Operation] = field(default_factory=list)
    lifetimes: dict[str, tuple[str, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next: int = 0

    def number(self) -> int:
        with self._lock:
            self._next += 1
            return self._next

    def keep(self, operation: Operation) -> None:
        self.operations.append(operation)

    def expiries(self) -> list[Operation]:
        """Answer the moments at which lifetimes ended, on the clock of the record."""
        # Both clocks of this machine, read beside each other.
        behind = time.time() - time.monotonic()  # noqa: TID251 - the servers' own clock
        return [
            Operation(
                number=self.number(),
                kind=Kind.EXPIRE,
                place=place,
                begun=exp - behind - 0.02,
                ended=exp - behind + 0.02,
                used=Pass(sid, 0, ""),
            )
            for sid, (place, exp) in self.lifetimes.items()
        ]


@dataclass(slots=True)
class Person:
    """One client: a seed, a connection to each server, and a place in the record."""

    name: str
    cluster: Cluster
    recorder: Recorder
    chance: random.Random
    connections: dict[int, HTTPConnection] = field(default_factory=dict)

    def live(self, shared: list[Shared], goes_on: Callable[[], bool]) -> None:
        """Do one thing after the other while the trial goes on."""
        kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
        while goes_on():
            mine = self.chance.choice(shared)
            kind = self.chance.choices(kinds, weights)[0]
            if not mine.tokens:
                kind = self.chance.choice([Kind.CONTINUE, Kind.CREATE, Kind.EXPIRE])
            self.act(kind, mine)
            if self.chance.random() < 0.1:
                time.sleep(self.chance.uniform(0, 0.1))

    def act(self, kind: Kind, mine: Shared) -> None:
        """Do one thing of a kind, for the person of a place."""
        if kind is Kind.EXPIRE:
            self._sign_in(mine)
        elif kind in {Kind.CONTINUE, Kind.CREATE}:
            self._arrive(kind, mine)
        elif kind is Kind.RENEW:
            self.renew(mine, self._token(mine))
        elif kind in {Kind.READ, Kind.READ_KEY, Kind.IDENTITY}:
            self._read(kind, mine, self._token(mine))
        elif kind in {Kind.REVOKE, Kind.LOG_OUT, Kind.LOG_OUT_ALL}:
            self._end(kind, mine, self._token(mine))
        else:
            self._write(kind, mine, self._token(mine))

    def leave(self) -> None:
        """Hang up."""
        while self.connections:
            self.connections.popitem()[1].close()

    def renew(self, mine: Shared, token: Token) -> None:
        """Supersede a session's tokens."""
        bearer = self.cluster.id_token(mine.place, sid=SessionId(token.says.sid))
        body = {"sessionToken": token.text}
        self._ask(
            mine, Kind.RENEW, "POST", f"{_SESSIONS}/renew", bearer, body=body, used=token.says
        )

    def read(self, mine: Shared, token: Token) -> None:
        """Read a whole payload."""
        self._ask(mine, Kind.READ, "GET", _SESSIONS, token.text, used=token.says)

    def _token(self, mine: Shared) -> Token:
        tokens = list(mine.tokens)
        # Mostly one that should work; now and then one that was superseded or signed out.
        return self.chance.choice(tokens if self.chance.random() < 0.15 else tokens[-4:])

    def _read(self, kind: Kind, mine: Shared, token: Token) -> None:
        if kind is Kind.READ:
            words: dict[str, Any] = {}
            known = mine.etags.get(token.says.sid)
            if known is not None and self.chance.random() < 0.3:
                words = {"none_match": [max(1, known - self.chance.choice([0, 0, 1]))]}
            self._ask(mine, kind, "GET", _SESSIONS, token.text, used=token.says, **words)
        elif kind is Kind.READ_KEY:
            key = self.chance.choice(KEYS)
            path = f"{_SESSIONS}/get/{quote(key, safe='')}"
            self._ask(mine, kind, "GET", path, token.text, used=token.says, key=key)
        else:
            self._ask(mine, kind, "GET", f"{_SESSIONS}/identity", token.text, used=token.says)

    def _write(self, kind: Kind, mine: Shared, token: Token) -> None:
        if mine.repeatable and self.chance.random() < 0.15:
            self._repeat(mine)
            return
        mark = f"{mine.place.name} {token.says.sid[-6:]} {self.name} {self.recorder.number()}"
        key = self.chance.choice(KEYS)
        words: dict[str, Any] = {"used": token.says}
        known = mine.etags.get(token.says.sid)
        if known is not None and self.chance.random() < 0.25:
            words["if_match"] = [max(1, known - self.chance.choice([0, 0, 0, 1]))]
        asked: dict[str, Any] = {"kind": kind, "key": key}
        if kind is Kind.SET:
            path = f"{_SESSIONS}/set/{quote(key, safe='')}"
            asked |= {"method": "POST", "path": path, "value": mark, "body": {"value": mark}}
        elif kind is Kind.DELETE:
            asked |= {"method": "DELETE", "path": f"{_SESSIONS}/delete/{quote(key, safe='')}"}
        else:
            other = self.chance.choice(KEYS)
            removed = None if kind is Kind.PATCH and self.chance.random() < 0.4 else {"by": mark}
            value = {other: removed, key: mark}
            method = "PATCH" if kind is Kind.PATCH else "PUT"
            asked |= {"method": method, "path": _SESSIONS, "value": value, "body": value}
            del asked["key"]
        if self.chance.random() < 0.25:
            words["repeat"] = f"k{self.recorder.number()}"
            mine.repeatable.append({**asked, **words})
        self._ask(mine, bearer=token.text, **asked, **words)

    def _repeat(self, mine: Shared) -> None:
        """Send once more what was sent before, under its Idempotency-Key, by any good token."""
        asked = self.chance.choice(list(mine.repeatable)[-8:])
        tokens = [one for one in list(mine.tokens) if one.says.sid == asked["used"].sid]
        token = self.chance.choice(tokens[-3:])
        self._ask(mine, bearer=token.text, **{**asked, "used": token.says})

    def _end(self, kind: Kind, mine: Shared, token: Token) -> None:
        paths = {
            Kind.REVOKE: f"{_SESSIONS}/revoke",
            Kind.LOG_OUT: "/api/v1/auth/logout",
            Kind.LOG_OUT_ALL: "/api/v1/auth/logout?everywhere=true",
        }
        self._ask(mine, kind, "POST", paths[kind], token.text, used=token.says)

    def _arrive(self, kind: Kind, mine: Shared) -> None:
        bearer = self.cluster.id_token(mine.place, sid=SessionId(mine.sid))
        payload = {"begun": f"{mine.place.name} {self.name} {self.recorder.number()}"}
        body = {
            "workspaceName": mine.place.slug,
            "app_id": mine.place.application.id,
            "payload": payload,
        }
        path = _SESSIONS if kind is Kind.CREATE else f"{_SESSIONS}/get-or-create"
        self._ask(mine, kind, "POST", path, bearer, value=payload, body=body)

    def _sign_in(self, mine: Shared) -> None:
        number = self.recorder.number()
        seed: dict[str, Any] = {"begun": f"{mine.place.name} {self.name} {number}"}
        ttl = self.chance.choice([None, self.chance.randint(3, 10)])
        begun = time.monotonic()
        status, given = 200, None
        try:
            head, issued = self.cluster.sign_in(mine.place, seed, ttl)
        except WriteConflict:
            status = 409
        else:
            token = Token.of(issued.text)
            given = token.says
            self._learn(mine, token)
            if head.exp:
                self.recorder.lifetimes[head.ref.sid] = (mine.place.name, head.exp)
        self.recorder.keep(
            Operation(
                number=number,
                kind=Kind.CONTINUE,
                place=mine.place.name,
                client=self.name,
                begun=begun,
                ended=time.monotonic(),
                value=seed,
                status=status,
                given=given,
            )
        )

    def _ask(
        self,
        mine: Shared,
        kind: Kind,
        method: str,
        path: str,
        bearer: str,
        *,
        body: Any = None,
        **words: Any,
    ) -> None:
        headers = {
            name: ", ".join(f'"{version}"' for version in words[said])
            for name, said in (("if-match", "if_match"), ("if-none-match", "none_match"))
            if said in words
        }
        if "repeat" in words:
            headers["idempotency-key"] = words["repeat"]
        number = self.recorder.number()
        begun = time.monotonic()
        try:
            answer = self._send(method, path, bearer, body, headers)
        except _NEVER_SENT:
            return
        except (OSError, HTTPException):
            ended = time.monotonic()
            words |= {"status": None, "until": ended + _FORGOTTEN}
        else:
            ended = time.monotonic()
            words |= self._heard(kind, mine, answer)
            if answer.status == 200 and words["etag"] is not None:
                mine.etags[words["used"].sid] = words["etag"]
            if answer.status >= 500:
                words["until"] = ended + LATEST + _SLACK
        self.recorder.keep(
            Operation(
                number=number,
                kind=kind,
                place=mine.place.name,
                client=self.name,
                begun=begun,
                ended=ended,
                **words,
            )
        )

    def _send(
        self, method: str, path: str, bearer: str, body: Any, headers: Mapping[str, str]
    ) -> Answer:
        number = self.chance.randrange(len(self.cluster.clients))
        client = self.cluster.clients[number]
        connection = self.connections.get(number)
        if connection is None:
            connection = HTTPConnection("127.0.0.1", client.port, timeout=PATIENCE)
            connection.connect()
            assert isinstance(connection.sock, socket.socket)
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections[number] = connection
        try:
            return client.send(
                method, path, token=bearer, body=body, headers=headers, connection=connection
            )
        except (OSError, HTTPException):
            self.connections.pop(number).close()
            raise

    def _heard(self, kind: Kind, mine: Shared, answer: Answer) -> dict[str, Any]:
        etag = answer.headers.get("etag", "").strip('"')
        heard: dict[str, Any] = {"status": answer.status, "code": answer.code}
        heard["etag"] = int(etag) if etag else None
        if answer.status != 200:
            return heard
        told = answer.json()
        if kind in {Kind.RENEW, Kind.CREATE, Kind.CONTINUE}:
            token = Token.of(told["sessionToken"])
            self._learn(mine, token)
            return heard | {"given": token.says, "body": told.get("payload")}
        if kind not in {Kind.REVOKE, Kind.LOG_OUT, Kind.LOG_OUT_ALL, Kind.IDENTITY}:
            heard["body"] = told
        return heard

    @staticmethod
    def _learn(mine: Shared, token: Token) -> None:
        mine.tokens.append(token)
        mine.sid = token.says.sid


def at_once(people: list[Person], work: Callable[[Person], None]) -> None:
    """Let everybody work in a thread of their own; raises what the first of them raised."""
    problems: list[BaseException] = []

    def guarded(person: Person) -> None:
        try:
            work(person)
        except BaseException as problem:  # noqa: BLE001 - raised again below, in the caller's thread
            problems.append(problem)

    threads = [threading.Thread(target=guarded, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for person in people:
        person.leave()
    if problems:
        raise problems[0]
