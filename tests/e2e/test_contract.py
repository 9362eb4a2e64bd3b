"""Requests made from the published contract, right and wrong, get no answer but a promised one."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi import checks

from tests.e2e.credentials import APP, Credentials
from tests.e2e.launch import Run
from tests.promised import document, holds

pytestmark = pytest.mark.slow

schema = schemathesis.openapi.from_dict(
    document(),
    config=schemathesis.Config.from_dict(
        {
            "seed": 1,
            "generation": {"deterministic": True, "with-security-parameters": False},
            # A method that a route does not have is no request of the contract.
            "phases": {"coverage": {"unexpected-methods": []}},
        }
    ),
)
# What these would have to be taught is what JSON Schema cannot say: names that exist, addresses
# that are registered. And a gateway that cannot answer 405 answers 404 (ARCHITECTURE.md).
OTHERWISE = [checks.positive_data_acceptance, checks.unsupported_method]
ENDING = {"revoke", "log_out", "log_out_by_link", "renew_session", "renew_session_by_path"}
OF_A_CLIENT = ("client_id", "redirect_uri", "response_type", "code_challenge")
NUMBERS = count()
# Settings that are made up would leave nobody who could still sign in.
CHANGED = "changed"
AT_CONSOLE = {"choose_workspace", "create_workspace"}


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Credentials]:
    """A run of its own: what is sent here ends sessions and changes applications."""
    run = Run(tmp_path_factory.mktemp("contract") / "state")
    try:
        run.start()
        made = Credentials(run)
        opted = {"returnFlow": "token", "postLogoutRedirectUris": [made.visitor().redirect_uri]}
        path = f"/api/v1/applications/{APP}"
        changed = run.client.send("PATCH", path, token=made.token("member"), body=opted)
        assert changed.status == 200, changed
        other = {"appId": CHANGED, "displayName": "Changed", "redirectUris": ["http://127.0.0.1/"]}
        added = run.client.send(
            "POST", "/api/v1/applications", token=made.token("member"), body=other
        )
        assert added.status == 201, added
        yield made
    finally:
        run.stop()


@schema.parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_contract_promises(
    case: schemathesis.Case[Any], credentials: Credentials
) -> None:
    said: dict[str, Any] = case.operation.definition.raw
    if is_right(case):
        make_known(case, credentials)
    kinds = [kind for each in said["security"] for kind in each]
    at_console = said["operationId"] in AT_CONSOLE
    headers = {
        name: value
        for kind in kinds
        for name, value in credentials.headers(
            kind, at_console=at_console, is_leaving=said["operationId"] == "erase_self"
        ).items()
    }
    response = case.call(base_url=credentials.run.origin, headers=headers, allow_redirects=False)
    if said["operationId"] in ENDING and response.status_code < 400:
        credentials.forget(everywhere="everywhere=true" in str(response.request.url))
    assert response.status_code < 500, (case.as_curl_command(), response.content)
    holds(
        case.method,
        case.operation.path,
        status=response.status_code,
        headers={name.lower(): values[0] for name, values in response.headers.items()},
        body=response.content,
    )
    case.validate_response(response, excluded_checks=OTHERWISE, headers=headers)


def is_right(case: schemathesis.Case[Any]) -> bool:
    """Tell whether a request was made to be served."""
    return case.meta is not None and case.meta.generation.mode.is_positive


def make_known(case: schemathesis.Case[Any], credentials: Credentials) -> None:
    """Put names into a request that mean something here: without them nothing is found."""
    visitor = credentials.visitor()
    name = case.operation.definition.raw["operationId"]
    is_new = name in {"create_workspace", "register_application"}
    known: dict[str, Callable[[], Any]] = {
        "workspace": lambda: "demo",
        "workspaceName": lambda: new_name() if is_new else "demo",
        "app_id": lambda: APP,
        "appId": lambda: new_name() if is_new else CHANGED if name == "change_application" else APP,
        "sessionToken": lambda: credentials.token("session"),
        "session_token": lambda: credentials.token("session"),
        "request": lambda: visitor.request("login"),
        "code": visitor.code if name == "token" else lambda: "123456",
        "code_verifier": lambda: visitor.verifier,
        **{key: partial(visitor.query("login").__getitem__, key) for key in OF_A_CLIENT},
    }
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict):
            place.update({key: make() for key, make in known.items() if key in place})


def new_name() -> str:
    """Answer a name that nobody has."""
    return f"made-{next(NUMBERS)}"
