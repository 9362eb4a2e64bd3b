from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.limits import MAX_PASSKEYS
from chalicelib.domain.links import Link
from chalicelib.domain.sessions import Person
from tests.api.devices import holding, sent_new, shown
from tests.api.own import Home, home_at, home_of
from tests.api.platform import Answer, Platform
from tests.api.visitor import Visitor
from tests.builders import some_event
from tests.device import PRESENT, SYNCED, VERIFIED, Device


@pytest.fixture
def home(platform: Platform) -> Home:
    return home_of(platform)


def added(home: Home, device: Device | None = None, *, name: str | None = None) -> Answer:
    device = device or Device()
    ceremony = home.ask("POST", "/passkeys/options").json()
    credential = sent_new(device.make(ceremony["options"]))
    words = {} if name is None else {"name": name}
    body = {"challenge": ceremony["challenge"], "credential": credential, **words}
    return home.ask("POST", "/passkeys", body)


def listed(home: Home) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = home.ask("GET", "/passkeys").json()["passkeys"]
    return found


def test_nobody_has_any_at_first(home: Home) -> None:
    assert listed(home) == []


def test_one_is_added_listed_and_lets_in(platform: Platform, home: Home) -> None:
    device = Device(flags=PRESENT | VERIFIED | SYNCED)
    before, now = len(platform.events), platform.adapters.clock.now()
    answer = added(home, device)
    assert answer.status == 201
    assert platform.actions_since(before) == ["factor.added"]
    assert platform.events[-1].meta == {"kind": "passkey"}
    mail = platform.adapters.mailer.sent[-1]
    assert (mail.to, mail.subject) == (home.tenant.email, "A passkey for Acme was added")
    assert answer.json() == {
        "id": answer.json()["id"],
        "name": "iCloud Keychain",
        "createdAt": now,
        "lastUsedAt": None,
        "synced": True,
    }
    assert listed(home) == [answer.json()]
    platform.adapters.clock.pause(60)
    now = platform.adapters.clock.now()
    assert shown(Visitor(platform, home.tenant), device).status == 200
    assert listed(home)[0]["lastUsedAt"] == now


def test_adding_and_removing_end_the_other_sign_ins_and_not_this_one(
    platform: Platform, home: Home
) -> None:
    for change in ("add", "remove"):
        elsewhere = home_at(platform, home.tenant)
        if change == "add":
            passkey = added(home).json()
        else:
            home.ask("DELETE", f"/passkeys/{passkey['id']}")
        assert elsewhere.visitor.step("continue").code == "token_missing"
        assert home.ask("GET", "/passkeys").status == 200


def test_one_is_removed_and_lets_nobody_in(platform: Platform, home: Home) -> None:
    device = Device()
    passkey, other = added(home, device).json(), added(home).json()
    before = len(platform.events)
    answer = home.ask("DELETE", f"/passkeys/{passkey['id']}")
    assert (answer.status, answer.json()) == (200, {"passkeys": [other]})
    assert platform.actions_since(before) == ["factor.removed"]
    assert platform.adapters.mailer.sent[-1].subject == "A passkey for Acme was removed"
    assert shown(Visitor(platform, home.tenant), device).code == "signin_refused"
    assert home.ask("DELETE", f"/passkeys/{passkey['id']}").code == "not_found"


def test_the_last_way_in_is_not_removed(platform: Platform, home: Home) -> None:
    one, other = added(home).json(), added(home).json()
    users, person = platform.adapters.users, Person(home.tenant.workspace.id, home.tenant.user)
    user = users.get(person)
    assert user is not None
    users.put(replace(user, password=None))
    assert home.ask("DELETE", f"/passkeys/{one['id']}").status == 200
    before = len(platform.events)
    answer = home.ask("DELETE", f"/passkeys/{other['id']}")
    assert (answer.status, answer.code) == (403, "forbidden")
    assert (
        answer.json()["detail"]
        == "This passkey is your only way to sign in. Add another one first."
    )
    assert (listed(home), platform.actions_since(before)) == ([other], [])
    # Who is known elsewhere needs none of their own.
    users.link(person, Link("subject-1"), some_event(person.workspace))
    assert home.ask("DELETE", f"/passkeys/{other['id']}").json() == {"passkeys": []}


def test_one_is_named_and_named_again(platform: Platform, home: Home) -> None:
    passkey = added(home, name="  My   laptop ").json()
    assert passkey["name"] == "My laptop"
    before = len(platform.events)
    answer = home.ask("PATCH", f"/passkeys/{passkey['id']}", {"name": "Old laptop"})
    assert platform.actions_since(before) == ["user.updated"]
    assert platform.events[-1].meta == {"kind": "passkey"}
    assert answer.json() == {**passkey, "name": "Old laptop"}
    assert listed(home) == [answer.json()]


@pytest.mark.parametrize("name", ["", "   ", "a" * 61, "a\u0000b", "tab\u202eside"])
def test_a_name_that_cannot_be_shown_is_refused(home: Home, name: str) -> None:
    passkey = added(home).json()
    answer = home.ask("PATCH", f"/passkeys/{passkey['id']}", {"name": name})
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert added(home, name=name).code == "invalid_input"
    assert listed(home) == [passkey]


def test_names_are_sealed_where_they_are_kept(platform: Platform, home: Home) -> None:
    added(home, name="Kitchen tablet")
    assert "Kitchen" not in repr(vars(platform.adapters.passkeys))


def test_somebody_else_s_is_not_there(platform: Platform, home: Home) -> None:
    theirs = added(home_of(platform, "other")).json()
    for method, body in (("PATCH", {"name": "Mine"}), ("DELETE", None)):
        assert home.ask(method, f"/passkeys/{theirs['id']}", body).code == "not_found"


def test_the_same_one_is_not_made_twice(home: Home) -> None:
    device = Device()
    passkey = added(home, device).json()
    options = home.ask("POST", "/passkeys/options").json()["options"]
    assert [each["id"] for each in options["excludeCredentials"]] == [device.id]
    answer = added(home, device)
    assert (answer.status, answer.code) == (409, "duplicate")
    assert listed(home) == [passkey]


def test_there_is_room_for_so_many(platform: Platform, home: Home) -> None:
    for _ in range(MAX_PASSKEYS - 1):
        holding(platform, home.tenant)
    ceremonies = [home.ask("POST", "/passkeys/options").json() for _ in range(2)]
    answers = [
        home.ask(
            "POST",
            "/passkeys",
            {
                "challenge": ceremony["challenge"],
                "credential": sent_new(Device().make(ceremony["options"])),
            },
        )
        for ceremony in ceremonies
    ]
    assert [answer.status for answer in answers] == [201, 400]
    assert home.ask("POST", "/passkeys/options").code == "invalid_input"


def test_one_that_is_not_proven_is_refused(home: Home) -> None:
    ceremony = home.ask("POST", "/passkeys/options").json()
    credential = sent_new(Device().make(ceremony["options"], flags=PRESENT))
    body = {"challenge": ceremony["challenge"], "credential": credential}
    answer = home.ask("POST", "/passkeys", body)
    assert (answer.status, answer.code) == (403, "signin_refused")
    assert home.ask("POST", "/passkeys", body).code == "challenge_ended"


def test_a_ceremony_belongs_to_the_browser_that_asked(platform: Platform, home: Home) -> None:
    elsewhere = home_at(platform, home.tenant)
    ceremony = elsewhere.ask("POST", "/passkeys/options").json()
    credential = sent_new(Device().make(ceremony["options"]))
    body = {"challenge": ceremony["challenge"], "credential": credential}
    assert home.ask("POST", "/passkeys", body).code == "challenge_ended"


def test_a_ceremony_ends_after_five_minutes(platform: Platform, home: Home) -> None:
    ceremony = home.ask("POST", "/passkeys/options").json()
    platform.adapters.clock.pause(300)
    credential = sent_new(Device().make(ceremony["options"]))
    body = {"challenge": ceremony["challenge"], "credential": credential}
    assert home.ask("POST", "/passkeys", body).code == "challenge_ended"
