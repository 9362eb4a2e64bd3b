"""Fills an empty local deployment with a demo workspace; what is already there stays."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import SYSTEM, Origin
from chalicelib.domain.callers import Arrival, Visit
from chalicelib.domain.ids import AppId
from chalicelib.domain.limits import MAX_REDIRECT_URIS
from chalicelib.domain.payloads import Payload
from chalicelib.domain.registrations import Registration
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import SignIn, SigningAlg
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import container

_OWNER = ("owner@demo.example", "Olivia Owner")
_PEOPLE = {
    "mira@demo.example": "Mira Lindqvist",
    "jonah@demo.example": "Jonah Abara",
    "sena@demo.example": "Sena Aydin",
}
_NOTES: Payload = {
    "notes": [
        {
            "id": "1",
            "text": "Ferry timetable: last boat at 22:40",
            "writtenAt": "2026-11-18T08:12:00Z",
        },
        {
            "id": "2",
            "text": "Winter storage, ask for the second key",
            "writtenAt": "2026-11-20T17:40:00Z",
        },
    ],
    "preferences": {"theme": "auto", "spellcheck": True},
}
_FORMS: Payload = {"draft": {"step": 2, "answers": {"guests": 4, "arrival": "2027-06-18"}}}
_VISIT = Visit(Origin(agent="seed"))


def main() -> None:
    """Seed, and write what a person needs to know into the state folder."""
    environment = os.environ  # noqa: TID251 - the launcher speaks to its children so
    state = Path(environment["SECUREFLOWS_LOCAL_STATE"])
    sample = environment["SECUREFLOWS_SAMPLE_ORIGIN"]
    services = container()
    passwords = _passwords(state / "credentials.json")
    console = services.deployment.prepare()
    if not services.tokens.signs(SigningAlg.RS256):
        services.upkeep.signing_keys.add(SigningAlg.RS256)
    email, name = _OWNER
    owner = services.deployment.person(console, email=email, password=passwords[email], name=name)
    demo = services.deployment.workspace("demo", name="Demo", owner=owner)
    notes, forms = (
        _at_home(services, services.deployment.application(demo, registration), registration)
        for registration in _clients(sample)
    )
    people = [Person(console.id, owner)]
    for address, full_name in _PEOPLE.items():
        user = services.deployment.person(
            demo, email=address, password=passwords[address], name=full_name
        )
        people.append(Person(demo.id, user))
        for application, data in ((notes, _NOTES), (forms, _FORMS)):
            arrival = Arrival(
                slug=demo.slug,
                application=application,
                user=user,
                email=address,
                sign_in=SignIn(auth_time=services.adapters.clock.now()),
                visit=_VISIT,
            )
            _fill(services, arrival, data)
    manager = services.adapters.applications.of(console.id)
    clients = {
        f"{place.slug}/{application.id}": {
            "workspace": place.slug,
            "clientId": application.client_id,
            "redirectUri": application.redirect_uris[0],
        }
        for place, applications in ((demo, (notes, forms)), (console, manager))
        for application in applications
    }
    _write(state / "clients.json", {"origin": services.settings.origin, "clients": clients})
    _write(
        state / "sample.json",
        {
            "issuer": services.tokens.issuer("demo"),
            "clientId": notes.client_id,
            "apiBase": f"{services.settings.origin}/api/v1",
        },
    )
    print("Demo workspace, for this machine only:")
    for person, (address, password) in zip(people, passwords.items(), strict=True):
        place = "console" if address == email else "demo"
        # A store that outlives its state folder has accounts whose passwords nobody wrote here.
        shown = password if _opens(services, person, password) else "(set by an earlier run)"
        print(f"  {address:<20}  {shown}  ({place})")


def _clients(sample: str) -> tuple[Registration, Registration]:
    return (
        Registration(
            id=AppId("notes"),
            name="Notes",
            redirect_uris=(f"{sample}/",),
            post_logout_uris=(f"{sample}/",),
            color="#0c6b62",
        ),
        Registration(
            id=AppId("forms"),
            name="Forms",
            redirect_uris=(f"{sample}/forms",),
            post_logout_uris=(f"{sample}/forms",),
            color="#2a58cb",
        ),
    )


def _at_home(
    services: Container, application: Application, registration: Registration
) -> Application:
    """Register where the sample is now, when its port is another one than before."""
    (uri,), (bye,) = registration.redirect_uris, registration.post_logout_uris
    workspace, app, origin = application.workspace, application.id, _VISIT.origin

    def moved(before: Application) -> Application:
        # Of fifty ports that it once had, the eldest can go.
        elder = before.redirect_uris[1 - MAX_REDIRECT_URIS :]
        return replace(
            before,
            redirect_uris=elder if uri in elder else (*elder, uri),
            post_logout_uris=(bye,),
        )

    if len(application.redirect_uris) < MAX_REDIRECT_URIS:
        application = services.applications.admit_redirect(
            workspace, app, uri, actor=SYSTEM, origin=origin
        )
    if not application.returns_to(uri) or not application.returns_after_logout_to(bye):
        application = services.applications.amend(
            workspace, app, moved, actor=SYSTEM, origin=origin
        )
    return application


def _opens(services: Container, person: Person, password: str) -> bool:
    user = services.hosted.users.active(person)
    return user is not None and services.adapters.passwords.fits(user.password, password)


def _fill(services: Container, arrival: Arrival, data: Payload) -> None:
    if services.adapters.sessions.latest(arrival.partition).sid is not None:
        return
    # Counted with its beginning: what a write adds would end with this process, uncounted.
    services.sessions.create(arrival, dict(data))


def _passwords(file: Path) -> dict[str, str]:
    if file.exists():
        known: dict[str, str] = json.loads(file.read_text())
        return known
    # Written before the first account is made: a seed that is cut off can be taken up again.
    made = {address: secrets.token_urlsafe(15) for address in (_OWNER[0], *_PEOPLE)}
    _write(file, made)
    return made


def _write(file: Path, content: Mapping[str, object]) -> None:
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(content, indent=2) + "\n")
    fresh.replace(file)


if __name__ == "__main__":
    main()
