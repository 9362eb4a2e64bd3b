"""Long sequences under the rules of applications and workspaces, against a few dictionaries."""

import os
import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from chalicelib.domain.ids import SessionId, new_session_id
from tests.e2e.client import Answer
from tests.e2e.launch import Run
from tests.e2e.walk_model import ENDED, GONE, NOT_OWNER, Pass, Stay, World, Write, merged
from tests.e2e.walk_model import written as _bytes
from tests.e2e.walk_places import QUOTA, RULES, TIGHT, settled
from tests.history.clients import Token
from tests.history.cluster import Cluster, Place

pytestmark = pytest.mark.slow

# What failed is walked again by WALK_SEED=…
SEED = int(os.environ.get("WALK_SEED", secrets.randbelow(2**32)))  # noqa: TID251 - of a test
STEPS = 450
SESSIONS = "/api/v1/sessions"
KEYS = ["n", "a/b", "é", "%2F", "long"]
MET = {
    *("if_match_required", "version_mismatch", "payload_too_large", "schema_refused"),
    *("idempotency_reused", "session_quota", "session_ended", "token_expired"),
    *("token_superseded", "not_owner", "key_not_found"),
}
VALUES: list[Any] = [1, 2**63, "x", None, True, [], {"b": {"c": None}}, {"value": 1, "d": 2}]
LONG = ["x" * 500, "é" * 500, "x" * 1_500]


@pytest.fixture(scope="module")
def made(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with settled(run, tmp_path_factory.mktemp("walk")) as made:
        yield made


@dataclass(slots=True)
class Walk:
    """One sequence: everybody's tokens, what should be there, and what was asked."""

    made: Cluster
    chance: random.Random
    world: World = field(default_factory=lambda: World({TIGHT: QUOTA}))
    tokens: dict[str, list[Token]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    writes: list[tuple[Token, Write]] = field(default_factory=list)

    def step(self) -> None:
        place = self.chance.choice(self.made.places)
        mine = self.tokens.setdefault(place.name, [])
        good = [t for t in mine if not self.stay(t).refusal(_says(t), self.now())]
        if not mine or self.chance.random() < (0.05 if good else 0.6):
            self.chance.choice([self.arrive, self.sign_in])(place)
            return
        # Mostly one that should work; now and then one that was superseded or has ended.
        token = self.chance.choice(good if good and self.chance.random() < 0.85 else mine[-5:])
        stay = self.stay(token)
        often = [self.write] * 12 + [self.repeat] * 3 + [self.read] * 4
        act = self.chance.choice([*often, self.keys, self.renew, self.end, self.end, self.other])
        act(place, token, stay)

    def arrive(self, place: Place) -> None:
        creates, payload = self.chance.random() < 0.4, {self.key(): self.value()}
        newest = self.world.newest(place.name, self.now())
        is_new = creates or newest is None
        rules = RULES[str(place.application.id)]
        faults = rules.faults(payload) if is_new else set()
        if is_new and self.world.is_full(place.slug, self.now()):
            faults.add((429, "session_quota"))
        body = {"workspaceName": place.slug, "app_id": place.application.id, "payload": payload}
        headers = {"idempotency-key": secrets.token_hex(8)} if self.chance.random() < 0.5 else {}
        path, bearer = SESSIONS + ("" if creates else "/get-or-create"), self.bearer(place)
        answer = self.send("POST", path, bearer, body=body, headers=headers)
        if self.refused(answer, faults):
            return
        token = Token.of(answer.json()["sessionToken"])
        self.hold(token.says.sid not in self.world.stays if is_new else token.says.sid == newest)
        if is_new:
            self.world.stays[token.says.sid] = Stay(place.name, rules, payload)
        self.tokens[place.name].append(token)
        if headers:
            again = self.send("POST", path, bearer, body=body, headers=headers)
            self.hold(again.headers.get("idempotency-replayed") == "true")
            self.hold(Token.of(again.json()["sessionToken"]).says.sid == token.says.sid)

    def sign_in(self, place: Place) -> None:
        """Come by the hosted login, which may ask for a lifetime that ends during the walk."""
        newest = self.world.newest(place.name, self.now())
        if newest is not None or place.slug == TIGHT:
            self.arrive(place)
            return
        head, issued = self.made.sign_in(place, {}, self.chance.randint(2, 5))
        rules = RULES[str(place.application.id)]
        self.world.stays[head.ref.sid] = Stay(place.name, rules, {}, exp=head.exp)
        self.tokens[place.name].append(Token.of(issued.text))

    def write(self, place: Place, token: Token, stay: Stay) -> None:
        del place
        write = self.drawn(stay)
        if write.key:
            self.writes.append((token, write))
        self.attempt(token, write)

    def repeat(self, place: Place, token: Token, stay: Stay) -> None:
        """Use an Idempotency-Key again: for the same request, or by whoever for another one."""
        mine = [each for each in self.writes if self.stay(each[0]).place == place.name]
        if not mine:
            return
        owner, write = self.chance.choice(mine[-4:])
        if self.chance.random() < 0.6:
            self.attempt(owner, write)
        else:
            other = self.drawn(stay)
            self.attempt(
                token, Write(other.request, other.change, other.answers, other.if_match, write.key)
            )

    def drawn(self, stay: Stay) -> Write:
        kind, key = self.chance.choice(["PUT", "PATCH", "POST", "DELETE"]), self.key()
        value: Any = self.value()
        where, chance = SESSIONS, self.chance
        versions = frozenset({stay.version + chance.choice([0, 0, 0, 0, 1, -1]), 9_999})
        if_match = (
            versions if chance.random() < (0.8 if stay.rules.requires_if_match else 0.2) else None
        )
        once = secrets.token_hex(8) if chance.random() < 0.3 else None
        if kind == "PUT":
            change = {key: value, **({"k": 1} if chance.random() < 0.5 else {})}
            return Write(
                (kind, where, _bytes(change)), lambda _: change, if_match=if_match, key=once
            )
        if kind == "PATCH":
            patch = {key: value, "k": chance.choice([None, {"k": value}])}
            raw = _bytes(patch)
            return Write(
                (kind, where, raw), lambda old: merged(old, patch), if_match=if_match, key=once
            )
        if kind == "POST":
            where, raw = f"{SESSIONS}/set/{quote(key, safe='')}", _bytes({"value": value})
            return Write(
                (kind, where, raw), lambda old: {**old, key: value}, if_match=if_match, key=once
            )
        return Write(
            (kind, f"{SESSIONS}/delete/{quote(key, safe='')}", b""),
            lambda old: {k: v for k, v in old.items() if k != key} if key in old else old,
            lambda before, _: key in before,
            if_match=if_match,
            key=once,
        )

    def attempt(self, token: Token, write: Write) -> None:
        method, path, raw = write.request
        headers = {}
        if write.if_match is not None:
            headers["if-match"] = ", ".join(f'"{version}"' for version in sorted(write.if_match))
        if write.key:
            headers["idempotency-key"] = write.key
        refusal = self.stay(token).refusal(_says(token), self.now())
        answer = self.send(method, path, token.text, raw=raw or None, headers=headers)
        if self.refused(answer, {refusal} if refusal else set()):
            return
        due = self.world.write(token.says.sid, write)
        if isinstance(due, set):
            self.refused(answer, due)
            return
        self.refused(answer, set())
        body, version, is_replayed = due
        self.hold((answer.body, answer.headers["etag"]) == (body, f'"{version}"'), due)
        self.hold((answer.headers.get("idempotency-replayed") == "true") is is_replayed)

    def read(self, place: Place, token: Token, stay: Stay) -> None:
        key, known = self.key(), stay.version - self.chance.choice([0, 1])
        refusal = stay.refusal(_says(token), self.now())
        headers = {"if-none-match": f'W/"{known}"'} if self.chance.random() < 0.3 else {}
        answer = self.send("GET", SESSIONS, token.text, headers=headers)
        if not self.refused(answer, {refusal} if refusal else set()):
            unchanged = bool(headers) and known == stay.version
            self.hold(answer.status == (304 if unchanged else 200))
            self.hold(answer.body == (b"" if unchanged else _bytes(stay.data)), stay.data)
            self.hold(answer.headers["etag"] == f'"{stay.version}"', stay.version)
            single = self.send("GET", f"{SESSIONS}/get/{quote(key, safe='')}", token.text)
            if not self.refused(single, set() if key in stay.data else {GONE}):
                self.hold(single.json() == {"key": key, "value": stay.data[key]})
            who = self.send("GET", f"{SESSIONS}/identity", token.text).json()
            self.hold(who == {"userId": place.user, "email": place.email})

    def keys(self, place: Place, token: Token, stay: Stay) -> None:
        del place
        if stay.refusal(_says(token), self.now()) or (stay.exp and stay.exp - self.now() < 1):
            return
        prefix, found = self.chance.choice(["", "n", "a"]), []
        cursor: dict[str, str] = {}
        while True:
            query = urlencode({"prefix": prefix, "limit": 2, **cursor})
            page = self.send("GET", f"{SESSIONS}/keys?{query}", token.text).json()
            found += page["items"]
            if page["nextCursor"] is None:
                break
            cursor = {"cursor": page["nextCursor"]}
        due = sorted(name for name in stay.data if name.startswith(prefix))
        sizes = [{"key": name, "size": len(_bytes(stay.data[name]))} for name in due]
        self.hold(found == sizes, sizes)

    def renew(self, place: Place, token: Token, stay: Stay) -> None:
        asks = self.chance.choice([place, place, self.chance.choice(self.made.places)])
        faults = set() if stay.is_live(self.now()) else {ENDED}
        # Of another person or application, whether the session is live is nobody's to know.
        faults = {NOT_OWNER} if asks is not place else faults
        body = {"sessionToken": token.text}
        answer = self.send("POST", f"{SESSIONS}/renew", self.bearer(asks), body=body)
        if asks.slug != place.slug:
            self.hold(answer.status == 403)
        elif not self.refused(answer, faults):
            self.hold(_bytes(answer.json()["payload"]) == _bytes(stay.data))
            stay.rev += 1
            self.tokens[place.name].append(Token.of(answer.json()["sessionToken"]))

    def end(self, place: Place, token: Token, stay: Stay) -> None:
        way = self.chance.choice(["revoke", "revoke", "here", "everywhere"])
        refusal = stay.refusal(_says(token), self.now())
        path = "/api/v1/auth/logout" + ("?everywhere=true" if way == "everywhere" else "")
        path = f"{SESSIONS}/revoke" if way == "revoke" else path
        if self.refused(self.send("POST", path, token.text), {refusal} if refusal else set()):
            return
        if way == "revoke":
            stay.is_revoked = True
        elif way == "here":
            self.world.log_out(place.name, token.says.grant, self.now())
        else:
            self.world.log_out_everywhere(place.name, self.now())
            # A sign-in of the very second of a sign-out everywhere counts as ended.
            time.sleep(1.02 - time.time() % 1)  # noqa: TID251 - the server's own clock

    def other(self, place: Place, token: Token, stay: Stay) -> None:
        """Send the credential of one kind to the routes of another."""
        del token, stay
        self.refused(self.send("GET", SESSIONS, self.bearer(place)), {(401, "token_invalid")})
        self.refused(self.send("PUT", SESSIONS, "e30.e30.e30", body={}), {(401, "token_invalid")})

    def send(self, method: str, path: str, bearer: str, **more: Any) -> Answer:
        self.told.append(f"{method} {path} {str(more)[:300]}")
        answer = self.made.clients[0].send(method, path, token=bearer, **more)
        self.told.append(f"  -> {answer.status} {answer.code} {answer.body[:200]!r}")
        self.seen[answer.code or "fine"] = self.seen.get(answer.code or "fine", 0) + 1
        return answer

    def refused(self, answer: Answer, faults: set[Any]) -> bool:
        """Hold an answer against what may be wrong; tells whether something was."""
        if faults:
            self.hold((answer.status, answer.code) in faults, faults)
        return bool(faults)

    def hold(self, claim: bool, due: object = "") -> None:  # noqa: FBT001
        assert claim, "\n".join([f"WALK_SEED={SEED}", *self.told[-8:], f"due: {due}"])

    def now(self) -> float:
        """Answer the servers' time, never within a blink of the end of a session."""
        while any(0 < one.exp - time.time() < 0.3 for one in self.world.stays.values()):  # noqa: TID251
            time.sleep(0.05)
        return time.time()  # noqa: TID251 - the server's own clock

    def stay(self, token: Token) -> Stay:
        return self.world.stays[token.says.sid]

    def bearer(self, place: Place) -> str:
        return self.made.id_token(place, sid=SessionId(new_session_id(0)))

    def key(self) -> str:
        return self.chance.choice(KEYS)

    def value(self) -> Any:
        return self.chance.choice([*VALUES, *LONG])


def _says(token: Token) -> Pass:
    return Pass(token.says.sid, token.says.rev, token.says.grant)


def test_everybody_is_answered_as_the_rules_of_their_application_say(made: Cluster) -> None:
    walk, number = Walk(made, random.Random(SEED)), 0  # noqa: S311 - a walk that can be made again
    while number < STEPS or (number < 2 * STEPS and not walk.seen.keys() >= MET):
        try:
            walk.step()
        except AssertionError as error:
            raise AssertionError(f"WALK_SEED={SEED}, step {number}: {error}") from error
        number += 1
    for name, stay in walk.world.stays.items():
        token = next(t for t in walk.tokens[stay.place] if t.says.sid == name)
        answer = walk.send("GET", SESSIONS, token.text)
        refusal = stay.refusal(_says(token), walk.now())
        walk.hold((answer.status, answer.code) == (refusal or (200, None)), refusal)
    assert walk.seen.keys() >= MET, f"WALK_SEED={SEED} never met {MET - walk.seen.keys()}"
