"""The command for signing keys: what it shows, makes, changes and refuses."""

import pytest

from chalicelib.domain.tokens import KeyState, SigningAlg
from infra import signing_keys
from tests.engines import dynamodb_local, engine, moto_cloud
from tests.services.deployments import Deployment, deployment

__all__ = ["deployment", "dynamodb_local", "engine", "moto_cloud"]


def run(deployment: Deployment, *step: str) -> int:
    return signing_keys.main(["--stage", deployment.stage, *step])


def test_a_key_for_old_clients_is_made_and_signs(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment.services.deployment.prepare()
    assert run(deployment, "add", "RS256") == 0
    first, *lines = capsys.readouterr().out.splitlines()
    made = next(
        key for key in deployment.services.adapters.keys.signing() if key.alg is SigningAlg.RS256
    )
    assert first == f"{made.kid} signs from now on."
    assert sorted(line.split()[1:3] for line in lines) == [
        ["ES256", "current,"] if "," in lines[0] else ["ES256", "current"],
        ["RS256", "current,"],
    ]
    signatures = deployment.services.adapters.signatures
    claims = {"iss": "i", "aud": "a", "sub": "1", "iat": 1_800_000_000, "exp": 4_000_000_000}
    token = signatures.sign(claims, typ="JWT", key=made)
    assert signatures.key_pair(f"{deployment.settings.signing_keys}{made.kid}").kid == made.kid
    assert token.count(".") == 2


def test_the_next_key_waits_and_says_for_how_long(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment.services.deployment.prepare()
    assert run(deployment, "add", "ES256") == 0
    assert "promote it in 6 minutes or later" in capsys.readouterr().out
    waiting = next(
        key for key in deployment.services.adapters.keys.signing() if key.state is KeyState.NEXT
    )
    assert run(deployment, "promote", waiting.kid) == 1
    assert "published just now" in capsys.readouterr().err
    assert run(deployment, "list") == 0
    assert f"{waiting.kid}  ES256  next" in capsys.readouterr().out


def test_a_wrong_word_is_refused(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in (["add", "HS256"], ["promote"], []):
        with pytest.raises(SystemExit):
            run(deployment, *step)
    assert run(deployment, "forget", "es1-00000000") == 1
    assert "There is no signing key es1-00000000." in capsys.readouterr().err
