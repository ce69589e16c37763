"""The pytest plugin of the real OpenStack services (tests/rig): whether they take part, and the fixture `rig`."""

from __future__ import annotations

import os
import secrets
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig_cloud import RigCloud, User

RIG = Path(__file__).parent / "rig"
USERS: tuple[User, ...] = ("demo", "other", "admin", "fleeting")
_RUN = "EVS_TUI_TEST_RUN"
_leads = False
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def pytest_configure() -> None:
    """One name for this run of the tests, shared with the workers it starts."""
    global _leads  # noqa: PLW0603 - one process, one run
    if _RUN not in os.environ:
        os.environ[_RUN] = f"{os.getpid()}-{secrets.token_hex(3)}"
        _leads = True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever takes the fixture bears the marker."""
    for item in items:
        if "rig" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.rig)


def pytest_sessionfinish() -> None:
    """Stop the services if this run started them; the last to leave is the process that started the workers."""
    mark = _started_mark()
    if _leads and mark.is_file() and mark.read_text(encoding="utf-8") == os.environ[_RUN]:
        subprocess.run([RIG / "down.sh"], check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        mark.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def rig() -> Iterator[RigCloud]:
    """The services, up and answering. What a test made there is taken away at the end."""
    settings = _settings("demo")
    in_ci = bool(os.environ.get("CI"))
    if in_ci or os.environ.get("EVS_TUI_TEST_RIG") == "1":
        _bring_up(settings)
    elif not _answers(settings):
        pytest.skip("the real OpenStack services are not up: run tests/rig/up.sh (as root), or set EVS_TUI_TEST_RIG=1")
    environments = {user: _os_variables(_settings(user)) for user in USERS}
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    cloud = RigCloud(Path(settings["OSRIG_HOME"]), environments, f"it-{os.environ[_RUN]}-{worker}-")
    yield cloud
    cloud.reset()


def _bring_up(settings: dict[str, str]) -> None:
    """Start what does not run. The first run on a machine installs the services and takes some two minutes."""
    were_up = _answers(settings)
    done = subprocess.run(
        [RIG / "up.sh"], check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900
    )
    if done.returncode != 0:
        pytest.fail(f"tests/rig/up.sh ended with {done.returncode}:\n{done.stdout}{done.stderr}", pytrace=False)
    if not were_up:
        _started_mark().write_text(os.environ[_RUN], encoding="utf-8")


def _started_mark() -> Path:
    return Path(os.environ.get("OSRIG_HOME") or "/opt/osrig") / "run" / "started-by-tests"


def _answers(settings: dict[str, str]) -> bool:
    """Whether all three services answer, and their volumes were made."""
    ip = settings["OSRIG_IP"]
    urls = (
        f"http://{ip}:{settings['OSRIG_KEYSTONE_PORT']}/v3",
        f"http://{ip}:{settings['OSRIG_CINDER_PORT']}/healthcheck",
        f"http://{ip}:{settings['OSRIG_GLANCE_PORT']}/healthcheck",
    )
    try:
        for url in urls:
            with _DIRECT.open(url, timeout=5):
                pass
    except OSError:
        return False
    return (Path(settings["OSRIG_HOME"]) / "state.json").is_file()


def _settings(user: User) -> dict[str, str]:
    """Every variable that tests/rig/env.sh sets for this user."""
    script = f'. "{RIG}/env.sh" {user} && env -0'
    done = subprocess.run(["bash", "-c", script], check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    pairs = (entry.partition("=") for entry in done.stdout.split("\0") if entry)
    return {key: value for key, _, value in pairs if key.startswith(("OS_", "OSRIG_"))}


def _os_variables(settings: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in settings.items() if key.startswith("OS_")}
