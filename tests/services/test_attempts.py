import pytest

from chalicelib.domain.denials import RateLimited
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import SIGN_IN_WINDOW
from chalicelib.domain.login import Attempts
from chalicelib.services.attempts import Guesses
from tests.api.platform import Platform
from tests.builders import ORIGIN
from tests.fakes.audit import MemoryAudit
from tests.fakes.login import MemoryLogin

IP = "192.0.2.1"


class SlowReader(MemoryLogin):
    """Everybody who asks is told the count that stood before the rush."""

    def __init__(self, audit: MemoryAudit) -> None:
        super().__init__(audit)
        self.stale: Attempts | None = None

    def attempts(
        self, workspace: WorkspaceId, subject: str, *, now: int, window: int = SIGN_IN_WINDOW
    ) -> Attempts:
        seen = super().attempts(workspace, subject, now=now, window=window)
        return self.stale if self.stale is not None and subject.startswith("acct:") else seen


@pytest.fixture
def store(platform: Platform) -> SlowReader:
    return SlowReader(platform.adapters.audit)


@pytest.fixture
def guesses(platform: Platform, store: SlowReader) -> Guesses:
    return Guesses(clock=platform.adapters.clock, store=store, keys=platform.services.keys)


@pytest.fixture
def workspace(platform: Platform) -> WorkspaceId:
    return platform.services.workspaces.create(
        slug="acme", name="Acme", owner=None, open_signup=True, origin=ORIGIN
    ).id


def _admitted(guesses: Guesses, workspace: WorkspaceId, ip: str = IP) -> bool:
    try:
        guesses.admit(workspace, email="mira@acme.example", ip=ip)
    except RateLimited as refusal:
        return not 0 < refusal.seconds <= 900
    return True


def test_a_rush_of_guesses_gets_no_more_than_the_free_ones(
    guesses: Guesses, workspace: WorkspaceId, store: SlowReader
) -> None:
    store.stale = Attempts(0, 0)
    assert sum(_admitted(guesses, workspace) for _ in range(50)) == 5


def test_a_rush_at_the_end_of_a_delay_gets_one_guess(
    platform: Platform, guesses: Guesses, workspace: WorkspaceId, store: SlowReader
) -> None:
    for _ in range(5):
        assert _admitted(guesses, workspace)
    store.stale = Attempts(5, platform.adapters.clock.now())
    platform.adapters.clock.pause(5)
    assert sum(_admitted(guesses, workspace) for _ in range(50)) == 1


def test_a_delay_ends_by_itself_however_long_somebody_keeps_trying(
    platform: Platform, guesses: Guesses, workspace: WorkspaceId
) -> None:
    waited = 0
    admitted = 0
    while waited < 3_600:
        admitted += _admitted(guesses, workspace)
        platform.adapters.clock.pause(1)
        waited += 1
    # Five free ones and what fits between doubling delays, in each of the windows it touched.
    assert 4 * 5 <= admitted <= 5 * 13


def test_a_success_takes_its_own_try_back_and_no_other(
    guesses: Guesses, workspace: WorkspaceId
) -> None:
    for left in (4, 3):
        guess = guesses.admit(workspace, email="mira@acme.example", ip=IP)
        guesses.failed(guess)
        assert guess.tries_left == left
    for _ in range(3):
        guesses.succeeded(guesses.admit(workspace, email="mira@acme.example", ip="192.0.2.2"))
    assert guesses.admit(workspace, email="mira@acme.example", ip=IP).tries_left == 2


def test_a_success_leaves_delays_as_they_were_to_the_second(
    platform: Platform, guesses: Guesses, workspace: WorkspaceId
) -> None:
    for _ in range(6):
        guesses.failed(guesses.admit(workspace, email="mira@acme.example", ip=IP))
        platform.adapters.clock.pause(5)
    platform.adapters.clock.pause(5)
    owner = guesses.admit(workspace, email="mira@acme.example", ip="192.0.2.2")
    guesses.succeeded(owner)
    # Ten seconds after the sixth failure the next try is due, whoever has been here.
    assert guesses.admit(workspace, email="mira@acme.example", ip=IP).recent.before.failures == 6


def test_a_success_among_others_failures_takes_one_back(
    guesses: Guesses, workspace: WorkspaceId
) -> None:
    owner = guesses.admit(workspace, email="mira@acme.example", ip=IP)
    guesses.failed(guesses.admit(workspace, email="mira@acme.example", ip="192.0.2.2"))
    guesses.succeeded(owner)
    assert guesses.admit(workspace, email="mira@acme.example", ip=IP).tries_left == 3


def test_a_hundred_failures_of_a_network_are_enough(
    guesses: Guesses, workspace: WorkspaceId
) -> None:
    for number in range(100):
        guesses.failed(guesses.admit(workspace, email=f"u{number}@acme.example", ip=IP))
    assert not _admitted(guesses, workspace)
    assert _admitted(guesses, workspace, ip="192.0.2.2")
    guess = guesses.admit(workspace, email="mira@acme.example", ip=IP, device="d" * 43)
    assert guess.network is None


@pytest.mark.parametrize(
    ("ip", "same", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("", "", "192.0.2.1"),
    ],
)
def test_a_network_is_an_address_or_the_site_of_a_long_one(
    guesses: Guesses, workspace: WorkspaceId, ip: str, same: str, other: str
) -> None:
    for number in range(100):
        guesses.failed(guesses.admit(workspace, email=f"u{number}@acme.example", ip=ip))
    assert not _admitted(guesses, workspace, ip=same)
    assert _admitted(guesses, workspace, ip=other)


def test_counts_of_one_workspace_are_nothing_in_another(
    platform: Platform, guesses: Guesses, workspace: WorkspaceId
) -> None:
    while _admitted(guesses, workspace):
        pass
    other = platform.services.workspaces.create(
        slug="neighbour", name="N", owner=None, open_signup=True, origin=ORIGIN
    )
    assert _admitted(guesses, other.id)
