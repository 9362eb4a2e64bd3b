from collections.abc import Sequence
from functools import cached_property

from chalicelib.domain.sessions import Head, Partition
from chalicelib.wiring.process import installed
from tests.api.platform import Platform, send
from tests.builders import NOW, some_event
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.sessions import MemorySessions


class EndsMeanwhile(MemorySessions):
    """Whose oldest session ends between being listed and being looked at."""

    def of(self, partition: Partition) -> Sequence[Head]:
        found = super().of(partition)
        self.end(found[0], by="user", now=NOW, event=some_event(found[0].ref))
        return found


class Adapters(MemoryAdapters):
    @cached_property
    def sessions(self) -> MemorySessions:
        return EndsMeanwhile(
            audit=self.audit,
            keys=self.keys,
            workspaces=self.workspaces,
            applications=self.applications,
        )


def test_a_session_that_ends_meanwhile_does_not_save_the_others_from_a_logout() -> None:
    platform = Platform(Adapters())
    with installed(platform.services):
        tenant = platform.tenant()
        platform.token(tenant)
        platform.adapters.clock.pause(1)
        answer = send(
            "POST",
            "/api/v1/sessions",
            token=platform.id_token(tenant),
            body={"workspaceName": tenant.workspace.slug},
        )
        token = answer.json()["sessionToken"]
        assert send("POST", "/api/v1/auth/logout?everywhere=true", token=token).status == 200
        assert send("GET", "/api/v1/sessions", token=token).code == "token_superseded"
