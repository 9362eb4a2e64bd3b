"""Routes, models and the published contract are one: none says what another does not."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import validator_for
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import app
from chalicelib.api.contract import flat
from chalicelib.api.document import errors_of
from chalicelib.api.endpoint import Xml, declared
from chalicelib.api.problems import MEDIA_TYPE, STATUS
from chalicelib.api.refusals import ANYWHERE, BODY
from chalicelib.api.responses import sample_of
from chalicelib.api.schemas.device_authorizations import DeviceParams
from chalicelib.api.schemas.oidc import AuthorizeParams, SignOutParams
from chalicelib.api.schemas.tokens import TokenParams
from chalicelib.api.shapes import given_by, is_model, json_of
from chalicelib.domain.errors import DomainError
from infra.local.template import resources
from tests.architecture.house import in_fresh_interpreter, modules
from tests.architecture.test_errors import kinds
from tests.promised import document, holds, members, validator

ROUTES = [
    pytest.param(path, method.lower(), entry.view_function, id=f"{method} {path}")
    for path, methods in sorted(app.routes.items())
    for method, entry in sorted(methods.items())
]
# What the gateway answers where no route of ours is, or would if it authenticated anybody.
OF_NO_ROUTE = {"not_found", "token_missing", "token_expired"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_document_is_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document()).iter_errors()] == []
    assert document()["openapi"].startswith("3.1.")


def test_every_route_is_in_the_document_and_nothing_else() -> None:
    documented = {(path, method) for path, method, _ in operations()}
    assert documented == {(path, method) for path, method, _ in (r.values for r in ROUTES)}


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("path", "method", "view"), ROUTES)
def test_a_view_says_what_it_takes_and_gives(path: str, method: str, view: Any) -> None:
    contract = declared[view].contract
    for kind in given_by(contract):
        assert is_model(kind) or json_of(kind) or kind in (bool, Xml), f"{kind} has no shape"
    assert given_by(contract) or 300 <= contract.status < 400
    assert contract.takes is None or is_model(contract.takes) or json_of(contract.takes)
    takes_nothing = contract.takes is None and contract.params is None
    assert takes_nothing or method in {"put", "patch", "post", "get"}, path


@pytest.mark.parametrize(("path", "method", "view"), ROUTES)
def test_the_variables_of_a_path_are_declared(path: str, method: str, view: Any) -> None:
    contract = declared[view].contract
    assert contract.names("path") == set(re.findall(r"\{(\w+)\}", path)), method


@pytest.mark.parametrize(("path", "method", "view"), ROUTES)
def test_every_error_of_a_route_is_documented_with_its_code(
    path: str, method: str, view: Any
) -> None:
    responses = document()["paths"][path][method]["responses"]
    documented = {
        (int(status), code)
        for status, response in responses.items()
        if MEDIA_TYPE in response.get("content", {})
        for code in response["content"][MEDIA_TYPE]["schema"]["properties"]["code"]["enum"]
    }
    expected = {error.code for error in errors_of(declared[view])}
    assert documented == {(STATUS[code][0], code) for code in expected}


def test_every_error_can_happen_somewhere() -> None:
    reachable = {error.code for view in declared for error in errors_of(declared[view])}
    assert reachable == set(STATUS)


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_an_error_has_an_example_that_its_document_allows(kind: type[DomainError]) -> None:
    if kind.__name__ == "Unopenable":  # told as another error
        return
    example = document()["components"]["examples"][kind.code]["value"]
    validator("/components/schemas/Problem").validate(example)
    assert sample_of(kind).members().keys() <= members()
    assert example["code"] == kind.code


def test_every_shape_that_is_sent_shows_an_example_that_fits() -> None:
    shown = 0
    for name, schema in document()["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            validator(f"/components/schemas/{name}").validate(example)
            shown += 1
        for field in schema.get("properties", {}).values():
            for example in field.get("examples", ()):
                validator_for(field).validate(example)
    assert shown


@pytest.mark.parametrize(("path", "method", "view"), ROUTES)
def test_every_body_has_an_example(path: str, method: str, view: Any) -> None:
    contract = declared[view].contract
    bodies = [kind for kind in (contract.takes, *given_by(contract)) if is_model(kind)]
    bodies += [also.gives for also in contract.also if is_model(also.gives)]
    schemas = document()["components"]["schemas"]
    for kind in bodies:
        name = getattr(kind, "__name__", "")
        assert schemas[name].get("examples"), f"{method} {path}: {name} shows nothing"


def test_what_the_gateway_answers_in_our_name_is_documented() -> None:
    (api,) = resources(kind="AWS::Serverless::Api", variables={"Origin": "https://a.example"})
    said = {
        code
        for entry in api.properties["GatewayResponses"].values()
        for code in re.findall(r'"code":"(\w+)"', entry["ResponseTemplates"]["application/json"])
    }
    anywhere = {error.code for error in flat((ANYWHERE, BODY))}
    assert said - OF_NO_ROUTE <= anywhere
    assert said >= OF_NO_ROUTE


def test_the_provider_reads_the_parameters_that_are_documented() -> None:
    read: dict[str, set[str]] = {}
    for module in modules("chalicelib/services", "chalicelib/api/oidc"):
        found = read.setdefault(module.name, set())
        found.update(re.findall(r"params(?:\.get\(|\[)\"(\w+)\"", module.text))
        found.update(strings(module.tree, "_TO_THE_PAGE", "_UNSUPPORTED"))
    authorize, token, sign_out = AuthorizeParams, TokenParams, SignOutParams
    client = read["requests"]
    assert client == {"client_id", "client_secret"}
    ways = ("token_endpoint", "codes", "refreshes", "client_grants", "device_authorizations")
    assert client.union(*(read[way] for way in ways)) == set(token.model_fields)
    assert set(DeviceParams.model_fields) - client == read["device_authorizations"] - {
        "device_code"
    }
    documented = set(authorize.model_fields) | set(sign_out.model_fields)
    assert read["authorization"] | read["oidc"] | read["asked_sign_outs"] == documented


def strings(tree: ast.Module, *names: str) -> Iterator[str]:
    """Answer the texts that are assigned to some names of a module."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in names:
            keys = node.value.keys if isinstance(node.value, ast.Dict) else [node.value]
            for key in keys:
                assert key is not None
                yield from ([v] if isinstance(v := ast.literal_eval(key), str) else v)


def test_the_document_is_made_when_somebody_asks_for_it() -> None:
    loaded = in_fresh_interpreter("import app, sys; print(*sys.modules)").split()
    assert "chalicelib.api.openapi" in loaded
    assert "chalicelib.api.document" not in loaded
    assert "pydantic.json_schema" not in loaded or "chalicelib.api.shapes" not in loaded


PROMISED = document()["paths"]["/api/v1/sessions/get/{key}"]["get"]["responses"]["200"]["headers"]
TOLD = {"content-type": "application/json", **{name.lower(): "1" for name in PROMISED}}
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("a status", {"status": 202}),
    ("a header", {"headers": {**TOLD, "x-own": "1"}}),
    ("no header", {"headers": {"content-type": "application/json"}}),
    ("a media type", {"headers": {**TOLD, "content-type": "text/plain"}}),
    ("a body", {"body": '{"key": "color"}'}),
    ("another type", {"body": '{"key": 1, "value": 2}'}),
    ("a member", {"body": '{"key": "color", "value": 2, "more": 3}'}),
]


@pytest.mark.parametrize("wrong", [each for _, each in WRONG], ids=[name for name, _ in WRONG])
def test_an_answer_that_is_not_documented_is_noticed(wrong: dict[str, Any]) -> None:
    told = {"status": 200, "headers": TOLD, "body": '{"key": "color", "value": 2}'}
    holds("GET", "/api/v1/sessions/get/{key}", **told)  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        holds("GET", "/api/v1/sessions/get/{key}", **{**told, **wrong})


@pytest.mark.parametrize(("code", "fits"), [("key_not_found", True), ("duplicate", False)])
def test_a_code_that_is_not_documented_is_noticed(code: str, fits: bool) -> None:  # noqa: FBT001
    problem = {
        **document()["components"]["examples"]["key_not_found"]["value"],
        "code": code,
    }
    told: dict[str, Any] = {
        "status": 404,
        "headers": {"content-type": MEDIA_TYPE},
        "body": json.dumps(problem),
    }
    if fits:
        holds("GET", "/api/v1/sessions/get/{key}", **told)
    else:
        with pytest.raises(AssertionError):
            holds("GET", "/api/v1/sessions/get/{key}", **told)
