"""What every test stands on: the fixtures of the simulated and the real cloud, and an environment of its own."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from evs_tui import secret
from tests.fakes import FakeClock
from tests.processes import end_all

_PLUGINS = ("tests.simulator.fixtures", "tests.rig_fixtures")
pytest_plugins = [name for name in _PLUGINS if importlib.util.find_spec(name) is not None]

# How long an example takes says how busy the machine is, not whether the program is right.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

_OURS = ("OS_", "HW_", "HUAWEICLOUD_", "EVS_TUI_")
_OF_THE_TESTS = "EVS_TUI_TEST_"
_PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy", "ftp_proxy"}
_PLACES = {
    "HOME": "home",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_STATE_HOME": "home/.local/state",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_RUNTIME_DIR": "run",
}
_ALWAYS_OUT = {
    "TZ",
    "DBUS_SESSION_BUS_ADDRESS",
    "PYTHON_KEYRING_BACKEND",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSLKEYLOGFILE",
}


def _belongs_to_the_user(name: str) -> bool:
    if name.startswith(_OF_THE_TESTS):
        return False
    return name.startswith(_OURS) or name.lower() in _PROXIES or name in _ALWAYS_OUT


@pytest.fixture(autouse=True)
def own_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test and nothing of the user's cloud, proxy, keyring or time zone; gives the home."""
    for name in [name for name in os.environ if _belongs_to_the_user(name)]:
        monkeypatch.delenv(name)
    root = tmp_path_factory.mktemp("user")
    for name, place in _PLACES.items():
        path = root / place
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        monkeypatch.setenv(name, str(path))
    return root / "home"


@pytest.fixture(autouse=True)
def nothing_runs_on() -> Iterator[None]:
    """What a test started and did not end, because it failed, ends with it."""
    yield
    end_all()


@pytest.fixture(autouse=True)
def own_secrets() -> Iterator[None]:
    """What one test made known as a secret is not taken out of the texts of the next."""
    before = set(secret._living)
    yield
    with secret._guard:
        for known in secret._living.keys() - before:
            del secret._living[known]
        secret._gone.clear()


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until the test moves it."""
    return FakeClock()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: many tests wait for processes of their own."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files go to workers whole; all tests of the real services, which are one and slow, go to the same worker."""
    for item in items:
        of_rig = "integration" in item.path.parts
        item.add_marker(pytest.mark.xdist_group("rig" if of_rig else str(item.path)))
