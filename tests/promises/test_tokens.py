"""Promise 7: tokens cannot be forged or confused."""

import json
from collections.abc import Callable

import jwt
import pytest

from tests.api.platform import Platform, send
from tests.promises.forge import DOORS, KINDS, MEMBER, Forge, b64, forge_on, refused
from tests.promises.forgeries import FORGERIES


@pytest.fixture
def forge(platform: Platform) -> Forge:
    return forge_on(platform)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_platform_signs_is_accepted(forge: Forge, kind: str) -> None:
    # Without this, every refusal below could have another reason.
    for method, path, body in DOORS[kind]:
        for token in (forge.good[kind], forge.sign(forge.claims(kind), kind)):
            if kind != MEMBER or method == "GET":
                assert send(method, path, token=token, body=body).status == 200


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda made: made.__name__.strip("_"))
def test_a_forged_token_isrefused(
    forge: Forge, forgery: Callable[[Forge, str], str], kind: str
) -> None:
    refused(forge, forgery(forge, kind), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_of_one_kind_is_refused_wherever_another_is_wanted(forge: Forge, kind: str) -> None:
    for other in KINDS:
        if other != kind:
            refused(forge, forge.good[other], kind)
            # The same claims under the header of the other kind are no token of that kind either.
            refused(forge, forge.sign(forge.claims(other), kind), kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("typ", ["at+JWT ", "jwt+at", "", "JOSE", None, 7, "dpop+jwt", ["at+jwt"]])
def test_a_token_of_another_type_isrefused(forge: Forge, kind: str, typ: object) -> None:
    private = forge.platform.adapters.signatures.kms.private(forge.key)
    header = b64(json.dumps({"alg": "ES256", "kid": forge.key.kid, "typ": typ}).encode())
    message = f"{header}.{forge.good[kind].split('.')[1]}"
    algorithm = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
    signature = algorithm.sign(message.encode(), private)
    refused(forge, f"{message}.{b64(signature)}", kind)
