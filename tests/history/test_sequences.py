"""Long sequences over HTTP by everybody in turn, against a few dictionaries, byte for byte."""

import json
import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from chalicelib.domain.ids import new_session_id
from tests.e2e.client import Answer
from tests.history.clients import Token
from tests.history.cluster import Cluster, Place
from tests.history.plain_model import Expected, Plain, Stay, written

pytestmark = pytest.mark.slow

STEPS = 900
SESSIONS = "/api/v1/sessions"
KEYS = [
    *("a", "a/b", "a%2Fb", "a b", "+", "%", "?x=1", "#", " ", "..a", "value", "keys", "get"),
    *("é", "e\u0301", "ключ", "🔑", "x" * 200, "ü" * 200, "__proto__", "constructor", '"', "\\"),
]
NUMBERS = [
    *("0", "-0", "-0.0", "1.0", "1e3", "1E-7", "0.1", "1e22", "5e-324", "1.7976931348623157e308"),
    *("9007199254740993", "-9223372036854775809", "123456789012345678901234567890"),
]
TEXTS = [
    *('""', '"\\u0041\\n\\"\\\\\\/"', '"\\ud83d\\udd11"', '"\\u0000"', '"\\u2028\\u007f"'),
    *('"e\\u0301"', '"</script>"', '"﻿"', f'"{"long " * 400}"'),
]
NESTED = [
    *("null", "true", "false", "[]", "{}", "[[[]]]", '[1,null,{"x":[]}]', '{"":0}', "[1.0,-0]"),
    *('{"a":{"b":{"c":null,"d":1}}}', '{"__proto__":{"a":1}}', '{"value":1}', '{"value":1,"b":2}'),
    *('{"value":{"value":2}}', '{"b":1,"a":2,"é":{"😀":[]}}', "[" * 90 + "]" * 90),
]
VALUES = [*NUMBERS, *TEXTS, *NESTED]
BROKEN = [
    *(
        '{"a":1,"a":2}',
        '{"a":{"b":1,"b":1}}',
        '{"a":NaN}',
        '{"a":1e400}',
        '{"a":"\\ud800"}',
        "{",
        "",
    ),
    *('{"a":01}', "{'a':1}", '{"a":1}}', '{"a":' + "[" * 101 + "]" * 101 + "}", '{"a":"\t"}'),
]
UNFIT = ["[]", "1", '"a"', "null", '{"":1}', '{".":1}', '{"a\\u0000":1}', '{"' + "x" * 201 + '":1}']


@dataclass(slots=True)
class Walk:
    """One sequence: everybody's tokens, what should be there, and where it has come to."""

    made: Cluster
    chance: random.Random
    plain: Plain = field(default_factory=Plain)
    tokens: dict[str, list[Token]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    left_at: dict[str, int] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def step(self) -> None:
        place = self.chance.choice(self.made.places)
        mine = self.tokens.setdefault(place.name, [])
        self.places[place.name] = place
        if not mine or self.chance.random() < 0.08:
            self.arrive(place)
            return
        token = self.chance.choice(mine[-6:])
        stay = self.plain.stays[token.says.sid]
        acts = [self.read, self.read_key, self.write, self.write, self.set, self.set, self.delete]
        rare = [self.renew, self.end, self.keys, self.identity, self.unfit]
        act = self.chance.choice([*acts, *acts, *rare])
        act(place, token, stay)
        self.look_around()

    def look_around(self) -> None:
        """See that nobody else's session has changed, to the last byte."""
        held = [tokens[-1] for tokens in self.tokens.values() if tokens]
        token = self.chance.choice(held)
        stay = self.plain.stays[token.says.sid]
        expected = stay.refusal(token.says.rev, token.says.grant) or stay.whole()
        self.hold(self.send("GET", SESSIONS, token), expected, stay)

    def arrive(self, place: Place) -> None:
        newest = self.plain.newest(place.name)
        bearer = self.bearer(place)
        payload = json.loads(self.object())
        body = {"workspaceName": place.slug, "app_id": place.application.id, "payload": payload}
        creates = self.chance.random() < 0.3
        path = SESSIONS if creates else f"{SESSIONS}/get-or-create"
        answer = self.made.clients[0].send("POST", path, token=bearer, body=body)
        assert answer.status == 200, answer
        assert list(answer.json()) == ["sessionToken"]
        token = Token.of(answer.json()["sessionToken"])
        if creates or newest is None:
            assert token.says.sid not in self.plain.stays
            self.plain.stays[token.says.sid] = Stay(place.name, payload)
        else:
            assert token.says.sid == newest
        self.tokens[place.name].append(token)

    def read(self, place: Place, token: Token, stay: Stay) -> None:
        del place
        known = stay.version if self.chance.random() < 0.3 else stay.version + 1
        headers = {"if-none-match": f'"{known}"'} if self.chance.random() < 0.5 else {}
        answer = self.send("GET", SESSIONS, token, headers=headers)
        expected = stay.refusal(token.says.rev, token.says.grant) or stay.whole()
        if headers and known == stay.version and expected[0] == 200:
            expected = (304, None, b"")
        self.hold(answer, expected, stay)

    def read_key(self, place: Place, token: Token, stay: Stay) -> None:
        del place
        key = self.key(stay)
        answer = self.send("GET", f"{SESSIONS}/get/{quote(key, safe='')}", token)
        self.hold(answer, stay.refusal(token.says.rev, token.says.grant) or stay.get(key), stay)

    def keys(self, place: Place, token: Token, stay: Stay) -> None:
        del place
        prefix = self.chance.choice(["", "a", "ü", "x", "?", "%"])
        answer = self.send("GET", f"{SESSIONS}/keys?{urlencode({'prefix': prefix})}", token)
        self.hold(answer, stay.refusal(token.says.rev, token.says.grant) or stay.keys(prefix), stay)

    def identity(self, place: Place, token: Token, stay: Stay) -> None:
        answer = self.send("GET", f"{SESSIONS}/identity", token)
        who = (200, None, {"userId": place.user, "email": place.email})
        expected = stay.refusal(token.says.rev, token.says.grant) or who
        self.hold(answer, expected, stay, tagged=False)

    def write(self, place: Place, token: Token, stay: Stay) -> None:
        del place
        raw = self.object()
        method = self.chance.choice(["PUT", "PATCH"])
        headers, holds = self.condition(stay)
        answer = self.send(method, SESSIONS, token, raw=raw.encode(), headers=headers)
        expected = stay.refusal(token.says.rev, token.says.grant) or holds
        if expected is None:
            body = json.loads(raw)
            expected = stay.write(body) if method == "PUT" else stay.patch(body)
        self.hold(answer, expected, stay)

    def set(self, place: Place, token: Token, stay: Stay) -> None:
        del place
        key, value = self.key(stay), self.chance.choice(VALUES)
        raw = value if self.chance.random() < 0.5 else f'{{"value":{value}}}'
        headers, holds = self.condition(stay)
        path = f"{SESSIONS}/set/{quote(key, safe='')}"
        answer = self.send("POST", path, token, raw=raw.encode(), headers=headers)
        expected = stay.refusal(token.says.rev, token.says.grant) or holds
        self.hold(answer, expected or stay.set(key, json.loads(raw)), stay)

    def delete(self, place: Place, token: Token, stay: Stay) -> None:
        del place
        key = self.key(stay)
        headers, holds = self.condition(stay)
        path = f"{SESSIONS}/delete/{quote(key, safe='')}"
        answer = self.send("DELETE", path, token, headers=headers)
        expected = stay.refusal(token.says.rev, token.says.grant) or holds
        self.hold(answer, expected or stay.delete(key), stay)

    def unfit(self, place: Place, token: Token, stay: Stay) -> None:
        del place
        raw, code = self.chance.choice(
            [
                *((text, "invalid_json") for text in BROKEN),
                *((text, "invalid_input") for text in UNFIT),
            ]
        )
        method = self.chance.choice(["PUT", "PATCH"])
        answer = self.send(method, SESSIONS, token, raw=raw.encode())
        expected = stay.refusal(token.says.rev, token.says.grant) or (400, code, None)
        assert (answer.status, answer.code) in {expected[:2], (400, code)}, (raw, answer)

    def renew(self, place: Place, token: Token, stay: Stay) -> None:
        bearer = self.bearer(place)
        body = {"sessionToken": token.text}
        path = f"{SESSIONS}/renew"
        answer = self.made.clients[0].send("POST", path, token=bearer, body=body)
        if not stay.is_live:
            assert (answer.status, answer.code) == (410, "session_ended")
            return
        assert answer.status == 200, answer
        assert list(answer.json()) == ["sessionToken", "payload"]
        assert exact(answer.body.decode())["payload"] == exact(written(stay.data).decode())
        stay.rev += 1
        self.tokens[place.name].append(Token.of(answer.json()["sessionToken"]))

    def end(self, place: Place, token: Token, stay: Stay) -> None:
        refusal = stay.refusal(token.says.rev, token.says.grant)
        way = self.chance.choice(["revoke", "log out", "log out", "everywhere"])
        out: Expected = (200, None, {"loggedOut": True})
        if way == "revoke":
            gone = (200, None, {"revoked": True, "sessionId": token.says.sid})
            answer = self.send("POST", f"{SESSIONS}/revoke", token)
            self.hold(answer, refusal or gone, stay, tagged=False)
            stay.is_live = stay.is_live and refusal is not None
            return
        path = "/api/v1/auth/logout" + ("?everywhere=true" if way == "everywhere" else "")
        self.hold(self.send("POST", path, token), refusal or out, stay, tagged=False)
        if refusal is None and way == "everywhere":
            self.plain.log_out_everywhere(place.name)
            self.left_at[place.name] = self.made.services.adapters.clock.now()
        elif refusal is None:
            self.plain.log_out(place.name, token.says.grant)

    def send(
        self,
        method: str,
        path: str,
        token: Token,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        self.told.append(f"{method} {path} {raw!r} {headers} {token.says}")
        client = self.chance.choice(self.made.clients)
        return client.send(method, path, token=token.text, raw=raw, headers=headers)

    def hold(self, answer: Answer, expected: Expected, stay: Stay, *, tagged: bool = True) -> None:
        last = "\n".join(self.told[-8:])
        status, code, body = expected
        assert (answer.status, answer.code) == (status, code), f"{answer}\n{last}"
        if status >= 400:
            return
        if isinstance(body, bytes):
            assert answer.body == body, last
        else:
            assert exact(answer.body.decode()) == exact(written(body).decode()), last
        tag = f'"{stay.version}"' if tagged else None
        assert answer.headers.get("etag") == tag, last

    def condition(self, stay: Stay) -> tuple[dict[str, str], Expected | None]:
        drawn = self.chance.random()
        if drawn < 0.7:
            return {}, None
        if drawn < 0.85:
            return {"if-match": f'"{stay.version + 7}", "{stay.version}"'}, None
        if drawn < 0.9:
            return {"if-none-match": f'"{stay.version + 7}"'}, None
        mismatches = ({"if-match": f'W/"{stay.version}", "0"'}, {"if-none-match": "*"})
        return self.chance.choice(mismatches), (412, "version_mismatch", None)

    def bearer(self, place: Place) -> str:
        # A sign-in of the very second of a sign-out counts as ended.
        clock = self.made.services.adapters.clock
        while clock.now() <= self.left_at.get(place.name, 0):
            clock.pause(0.02)
        return self.made.id_token(place, sid=new_session_id(0))

    def key(self, stay: Stay) -> str:
        there = sorted(stay.data)
        return self.chance.choice(there if there and self.chance.random() < 0.5 else KEYS)

    def object(self) -> str:
        names = self.chance.sample(KEYS, self.chance.randint(0, 4))
        members = (f"{json.dumps(name)}: {self.chance.choice(VALUES)}" for name in names)
        return "{" + ",\r\n ".join(members) + "}"


def exact(text: str) -> Any:
    """Answer JSON in which a number is its value to the last digit, and no two kinds are equal."""
    return json.loads(text, parse_float=lambda number: ("float", Decimal(number).normalize()))


def test_everybody_s_sequences_are_answered_as_a_few_dictionaries_would(
    made: Cluster, seed: int
) -> None:
    walk = Walk(made, random.Random(seed))  # noqa: S311 - a walk that can be made again
    for number in range(STEPS):
        try:
            walk.step()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, step {number}: {error}") from error
    for name, tokens in walk.tokens.items():
        assert tokens, name
    live = [stay for stay in walk.plain.stays.values() if stay.is_live]
    assert len(live) < len(walk.plain.stays)
    assert max(stay.version for stay in walk.plain.stays.values()) > 10
