import pytest

from chalicelib.domain.oidc import Denial, Denied, SentBack, answer_to, at_hash_of, granted_scope


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (None, "openid"),
        ("", "openid"),
        ("openid", "openid"),
        ("profile email openid", "openid email profile"),
        ("email", "openid email"),
        ("offline_access openid address", "openid offline_access"),
        ("openid  openid", "openid"),
        ('openid "', None),
        ("openid\temail", None),
        ("openid ä", None),
        ("openid\\", None),
    ],
)
def test_scope_is_granted_in_one_order_and_refused_when_malformed(
    asked: str | None, granted: str | None
) -> None:
    assert granted_scope(asked) == granted


def test_an_answer_keeps_the_query_that_was_registered() -> None:
    answer = {"code": "sfc_1", "state": "a b&c=d#/é", "missing": None}
    query = "code=sfc_1&state=a+b%26c%3Dd%23%2F%C3%A9"
    assert answer_to("https://a.example/cb", answer) == f"https://a.example/cb?{query}"
    assert answer_to("https://a.example/cb?x=1", answer) == f"https://a.example/cb?x=1&{query}"
    assert answer_to("https://a.example/cb", {"state": None}) == "https://a.example/cb"


def test_a_denial_names_its_issuer_so_that_clients_can_tell_providers_apart() -> None:
    sent = SentBack(
        denied=Denied(Denial.LOGIN_REQUIRED, "nobody is signed in here"),
        redirect_uri="https://a.example/cb",
        state=None,
        issuer="https://flows.example/oidc/acme",
    )
    assert sent.location == (
        "https://a.example/cb?error=login_required&error_description=nobody+is+signed+in+here"
        "&iss=https%3A%2F%2Fflows.example%2Foidc%2Facme"
    )


def test_at_hash_is_that_of_the_standard() -> None:
    # OpenID Connect Core 1.0, appendix A.4.
    token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
    assert at_hash_of(token) == "77QmUPtjPfzWtF2AnpK9RQ"
