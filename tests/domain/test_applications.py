import pytest

from chalicelib.domain.applications import host_of, origin_of, redirect_uri_of
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.ids import new_workspace_id
from tests.builders import some_application
from tests.domain.tricks import MALFORMED, REGISTERED, STRANGERS


@pytest.mark.parametrize("trick", MALFORMED)
def test_what_two_parsers_could_read_in_two_ways_is_not_registered(trick: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        redirect_uri_of(trick)
    assert refusal.value.faults[0].pointer == "/redirectUris"


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


def test_pages_are_known_by_the_origins_of_the_redirect_uris() -> None:
    uris = ("https://notes.example/a", "https://notes.example/b", "http://127.0.0.1:8001/")
    application = some_application(new_workspace_id(), redirect_uris=uris)
    assert application.origins == {"https://notes.example", "http://127.0.0.1:8001"}
    assert origin_of("https://notes.example:8443/a?b") == "https://notes.example:8443"
    assert origin_of("https://notes.example:443/a?b") == "https://notes.example"
    assert origin_of("http://127.0.0.1:80/") == "http://127.0.0.1"
    assert host_of("https://notes.example:8443/a?b") == "notes.example:8443"
