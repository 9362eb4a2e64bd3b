from collections.abc import Sequence
from functools import cached_property

from chalicelib.domain.sessions import Head, Partition
from chalicelib.wiring.process import installed
from tests.api.platform import Platform, send
from tests.builders import NOW, some_event
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.sessions import MemorySessions


class EndsMeanwhile(MemorySessions):
    """Whose oldest session ends, once, between being listed and being looked at."""

    is_armed = False

    def of(self, partition: Partition) -> Sequence[Head]:
        found = super().of(partition)
        if self.is_armed:
            self.is_armed = False
            self.end(found[0], by="user", now=NOW, event=some_event(found[0].ref))
        return found


class Adapters(MemoryAdapters):
    @cached_property
    def sessions(self) -> EndsMeanwhile:
        return EndsMeanwhile(
            audit=self.audit,
            keys=self.keys,
            workspaces=self.workspaces,
            applications=self.applications,
        )


def test_a_session_that_ends_meanwhile_does_not_save_the_others_from_a_logout() -> None:
    adapters = Adapters()
    platform = Platform(adapters)
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
        adapters.sessions.is_armed = True
        assert send("POST", "/api/v1/auth/logout?everywhere=true", token=token).status == 200
        assert send("GET", "/api/v1/sessions", token=token).code == "token_superseded"


def test_a_logout_counts_although_the_last_session_ends_meanwhile() -> None:
    adapters = Adapters()
    platform = Platform(adapters)
    with installed(platform.services):
        tenant = platform.tenant()
        token = platform.token(tenant)
        given = platform.id_token(tenant)
        adapters.sessions.is_armed = True
        assert send("POST", "/api/v1/auth/logout?everywhere=true", token=token).status == 200
        answer = send(
            "POST", "/api/v1/sessions", token=given, body={"workspaceName": tenant.workspace.slug}
        )
        assert (answer.status, answer.code) == (401, "token_superseded")
