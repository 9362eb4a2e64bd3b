"""Many who show one proof of a key at once, on the engines themselves and in two processes."""

from functools import partial

from chalicelib.domain.clients import DpopUse
from chalicelib.domain.dpop import Demonstration
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.oidc import Denial, Denied
from chalicelib.wiring.container import Container
from tests.api.prover import TOKEN, Prover
from tests.contracts.directory import at_once
from tests.engines import dynamodb_local, engine, moto_cloud
from tests.services.deployments import Deployment, deployment, tenants_of

__all__ = ["deployment", "dynamodb_local", "engine", "moto_cloud"]


def bind(services: Container, workspace: WorkspaceId, proof: str) -> str | Denied:
    return services.dpop.bind(workspace, DpopUse.ALLOWED, Demonstration(proof, "POST", TOKEN))


def test_of_all_who_show_one_proof_exactly_one_is_let_in(deployment: Deployment) -> None:
    here, there = deployment.services, deployment.again()
    workspace = next(tenants_of(here)).workspace.id
    clock = here.adapters.clock
    for _ in range(5):
        prover = Prover(clock, nonce=here.dpop.nonce(workspace))
        proof = prover.proof("POST", TOKEN)
        answers = at_once([partial(bind, each, workspace, proof) for each in (here, there)] * 4)
        denials = {one.denial for one in answers if isinstance(one, Denied)}
        assert [one for one in answers if not isinstance(one, Denied)] == [prover.thumbprint]
        assert denials == {Denial.INVALID_DPOP_PROOF}
        # Another proof of the same key is as good as ever.
        assert bind(there, workspace, prover.proof("POST", TOKEN)) == prover.thumbprint
