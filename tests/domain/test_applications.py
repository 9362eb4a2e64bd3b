import pytest

from chalicelib.domain.clients import ClientKind
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.ids import new_workspace_id
from chalicelib.domain.redirects import host_of, origin_of, redirect_uri_of
from tests.builders import some_application
from tests.domain.tricks import MALFORMED, REGISTERED, STRANGERS


@pytest.mark.parametrize("trick", MALFORMED)
def test_what_two_parsers_could_read_in_two_ways_is_not_registered(trick: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        redirect_uri_of(trick)
    assert refusal.value.faults[0].pointer == "/redirectUri"


@pytest.mark.parametrize(
    "uri",
    [
        REGISTERED,
        "https://notes.example",
        "https://notes.example:8443/a/b;c?d=e&f=%C3%A4",
        "https://xn--ntes-5nf.example/",
        "https://dev_box.notes.example/",
        "http://localhost:3000/callback",
        "http://127.0.0.1:8001/",
        "http://[::1]:8001/",
    ],
)
def test_a_plain_address_is_registered_as_it_was_written(uri: str) -> None:
    assert redirect_uri_of(uri) == uri


@pytest.mark.parametrize("stranger", [*STRANGERS, *MALFORMED])
def test_a_redirect_uri_is_compared_character_by_character(stranger: str) -> None:
    application = some_application(
        new_workspace_id(), redirect_uris=(REGISTERED,), post_logout_uris=(REGISTERED,)
    )
    assert application.returns_to(REGISTERED)
    assert application.returns_after_logout_to(REGISTERED)
    assert not application.returns_to(stranger)
    assert not application.returns_after_logout_to(stranger)


NATIVE = ["com.example.notes:/back", "com.example.notes://back", "com.example.notes://a/b?c=d"]


@pytest.mark.parametrize("uri", NATIVE)
def test_a_native_application_has_a_scheme_of_its_own(uri: str) -> None:
    assert redirect_uri_of(uri, is_native=True) == uri
    with pytest.raises(InvalidInput):
        redirect_uri_of(uri)
    application = some_application(new_workspace_id(), redirect_uris=(uri,), kind=ClientKind.NATIVE)
    assert application.returns_to(uri)
    assert not application.returns_to(f"{uri}x")
    assert application.origins == set()
    assert host_of(uri) in {"com.example.notes", "back", "a"}


@pytest.mark.parametrize(
    "uri",
    [
        *MALFORMED,
        "javascript:alert(1)",
        "javascript:/alert(1)",
        "notes:/back",
        "com.example.notes:back",
        "com.example.notes:///back",
        "com.example.notes:////evil.example",
        "Com.Example.Notes:/back",
        "com.example.notes:/a/../b",
        "com.example.notes://user@back",
        "com.example.notes:/back?code=mine",
        ".example:/back",
        "data.:/back",
        "http://192.0.2.1:8001/",
    ],
)
def test_a_native_application_registers_nothing_that_could_be_another(uri: str) -> None:
    with pytest.raises(InvalidInput):
        redirect_uri_of(uri, is_native=True)


LISTENING = ("http://127.0.0.1/back", "http://[::1]:8001/back", "https://notes.example/back")


@pytest.mark.parametrize(
    ("uri", "fits"),
    [
        ("http://127.0.0.1:51004/back", True),
        ("http://127.0.0.1:1/back", True),
        ("http://[::1]:51004/back", True),
        ("http://[::1]/back", True),
        ("http://127.0.0.1:51004/back2", False),
        ("http://127.0.0.1:51004/", False),
        ("http://127.0.0.1:0/back", False),
        ("http://127.0.0.1:99999/back", False),
        ("http://127.0.0.1:/back", False),
        ("http://127.0.0.1:51004/back#", False),
        ("http://127.0.0.1:51004\\@evil.example/back", False),
        ("http://127.0.0.1:51004@evil.example/back", False),
        ("http://127.0.0.1.evil.example:51004/back", False),
        ("http://127.0.0.2:51004/back", False),
        ("http://localhost:51004/back", False),
        ("https://127.0.0.1:51004/back", False),
        ("https://notes.example:51004/back", False),
        ("http://notes.example:51004/back", False),
    ],
)
def test_any_port_of_this_machine_fits_a_native_application(
    uri: str,
    fits: bool,  # noqa: FBT001
) -> None:
    words = {"redirect_uris": LISTENING, "post_logout_uris": LISTENING}
    native = some_application(new_workspace_id(), kind=ClientKind.NATIVE, **words)
    assert (native.returns_to(uri), native.returns_after_logout_to(uri)) == (fits, fits)
    for kind in (ClientKind.BROWSER, ClientKind.SERVER):
        other = some_application(new_workspace_id(), kind=kind, **words)
        assert not other.returns_to(uri)
        assert other.returns_to(LISTENING[0])


def test_pages_are_known_by_the_origins_of_the_redirect_uris() -> None:
    uris = ("https://notes.example/a", "https://notes.example/b", "http://127.0.0.1:8001/")
    application = some_application(new_workspace_id(), redirect_uris=uris)
    assert application.origins == {"https://notes.example", "http://127.0.0.1:8001"}
    assert origin_of("https://notes.example:8443/a?b") == "https://notes.example:8443"
    assert origin_of("https://notes.example:443/a?b") == "https://notes.example"
    assert origin_of("http://127.0.0.1:80/") == "http://127.0.0.1"
    assert host_of("https://notes.example:8443/a?b") == "notes.example:8443"
