"""A platform whose rows are an engine's, for the people and programs of `tests/api`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.domain.ids import UserId, new_grant_id
from chalicelib.domain.tokens import MemberToken, SignIn
from chalicelib.domain.workspaces import Role, Workspace
from chalicelib.settings import Settings
from chalicelib.wiring.aws import AwsAdapters
from infra.local.server.outbox import Outbox
from tests.api.platform import Platform
from tests.engines import Engine
from tests.fakes.identity_providers import MemoryIdentityProviders
from tests.fakes.surroundings import FakeClock
from tests.promises.cloud import Cloud, cloud_on


class Stand(Platform):
    """Answers what tests ask of a `Platform`, as far as it can be asked of a cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.services = cloud.services
        self.adapters: Any = _Adapters(cloud)

    def __post_init__(self) -> None:
        """Make nothing: all of it is there."""

    def member_token(self, workspace: Workspace, role: Role = Role.OWNER) -> str:
        now = self.adapters.clock.now()
        return self.services.manage_tokens.member_token(
            MemberToken(
                workspace=workspace.id,
                operator=self._owner(),
                grant=new_grant_id(),
                role=role.value,
                sign_in=SignIn(auth_time=now),
                exp=now + 600,
            )
        )

    def _owner(self) -> UserId:
        console = self.services.workspaces.named("console")
        user = self.services.hosted.users.found(console.id, "owner@demo.example")
        assert user is not None
        return user.person.user


class _Adapters:
    """The cloud's own, and what was sent; of providers elsewhere only what a test says."""

    def __init__(self, cloud: Cloud) -> None:
        self._adapters = cloud.services.adapters
        self._outbox = Outbox(cloud.engine.endpoint)
        self.identity_providers = self._adapters.elsewhere.identity_providers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapters, name)

    @property
    def mailer(self) -> "_Adapters":
        return self

    @property
    def sent(self) -> list[Any]:
        """The mails, the newest last."""
        return list(reversed(self._outbox.mails()))


@contextmanager
def stand_on(engine: Engine) -> Iterator[Stand]:
    """Make a stage whose clock stands still, and serve from it for the time of a `with`."""

    def adapters(settings: Settings) -> AwsAdapters:
        made = AwsAdapters(settings)
        vars(made)["clock"] = FakeClock()
        vars(made.elsewhere)["identity_providers"] = MemoryIdentityProviders()
        return made

    with cloud_on(engine, adapters) as cloud:
        yield Stand(cloud)
