"""Another profile in a running program: a session of its own, and nothing of the one before reaches the other host."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evs_tui.accounts import Wanted
from evs_tui.cloud.errors import CloudError
from evs_tui.config.editing import save_profile
from evs_tui.config.paths import Paths
from evs_tui.config.profiles import Profile
from evs_tui.credentials.stores.memory import MemoryStore
from evs_tui.credentials.vault import Vault
from evs_tui.failure import ExitCode
from evs_tui.secret import Secret
from evs_tui.workspace import Options, Wiring, Workspace
from tests.simulator import Simulator
from tests.simulator.fixtures import StartCloud


@pytest.fixture
def clouds(start_cloud: StartCloud) -> tuple[Simulator, Simulator]:
    return start_cloud(volumes=2, seed=1), start_cloud(volumes=3, seed=2)


@pytest.fixture
def workspace(clouds: tuple[Simulator, Simulator], own_environment: Path) -> Iterator[Workspace]:
    """Two profiles, a and b, each with a password in the keyring."""
    paths = Paths(own_environment / ".config/evs-tui", own_environment / ".local/state/evs-tui")
    vault = Vault(None, keyring=MemoryStore())
    vault.keyring = MemoryStore()
    for name, cloud in zip("ab", clouds, strict=True):
        known = cloud.credential
        profile = Profile(
            name, name * 16, cloud="otc", auth_url=cloud.auth_url, region=known.region, project=known.project,
            user=known.username, user_domain=known.user_domain, keep_in="keyring", read_only=name == "b",
        )  # fmt: skip
        save_profile(paths, profile)
        vault.keep(profile, {"password": Secret(known.password)}, "keyring")
    made = Workspace.open(Options(profile="a"), {}, Wiring(vault=vault))
    yield made
    made.close(10)


async def names(workspace: Workspace) -> list[str]:
    async def pages() -> AsyncIterator[str]:
        async for page in workspace.volume_pages():
            for volume in page.items:
                yield volume.id

    return [volume_id async for volume_id in workspace.core.stream(pages)]


async def test_nothing_of_one_profile_reaches_the_host_of_another(
    workspace: Workspace, clouds: tuple[Simulator, Simulator]
) -> None:
    first = clouds[0]
    ask = workspace.core.ask
    assert (await ask(workspace.connect)).profile == "a"
    assert len(await names(workspace)) == 2
    before = len(first.calls())
    context = await ask(workspace.sign_in_again, Wanted("b"))
    assert (context.profile, context.read_only, context.secret_place) == ("b", True, "keyring")
    assert len(await names(workspace)) == 3
    assert len(first.calls()) == before
    tokens = [{call["token"] for call in cloud.calls() if call["token"]} for cloud in clouds]
    assert all(tokens)
    assert not tokens[0] & tokens[1]
    context = await ask(workspace.sign_in_again, Wanted("a"))
    assert (context.profile, context.read_only) == ("a", False)
    assert [cloud.counters()["create_token"] for cloud in clouds] == [2, 1]


async def test_a_failed_switch_leaves_the_run_where_it_was(
    workspace: Workspace, clouds: tuple[Simulator, Simulator]
) -> None:
    ask = workspace.core.ask
    await ask(workspace.connect)
    profile = workspace.accounts.profile("b")
    workspace.accounts.give(profile, {"password": Secret("Mistyped-77")})
    with pytest.raises(CloudError) as caught:
        await ask(workspace.sign_in_again, Wanted("b"))
    assert caught.value.exit_code is ExitCode.SIGN_IN
    assert (await ask(workspace.connect)).profile == "a"
    assert len(await names(workspace)) == 2
    # What was refused is not used again; the keyring has the right one.
    assert (await ask(workspace.sign_in_again, Wanted("b"))).profile == "b"


async def test_a_changed_host_in_the_configuration_gets_nothing(
    workspace: Workspace, clouds: tuple[Simulator, Simulator]
) -> None:
    from evs_tui.credentials.kept import BindingChanged

    ask = workspace.core.ask
    await ask(workspace.connect)
    workspace.accounts.hold(replace(workspace.accounts.profile("a"), auth_url=clouds[1].auth_url))
    with pytest.raises(BindingChanged):
        await ask(workspace.sign_in_again, Wanted("a"))
    assert clouds[1].calls() == []
