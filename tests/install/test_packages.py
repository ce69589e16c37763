"""The wheel and the sdist: what is in them, and that an installation of the wheel works by itself."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import flit_core.buildapi
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Wheel and sdist."""
    into = tmp_path_factory.mktemp("dist")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return into / flit_core.buildapi.build_wheel(str(into)), into / flit_core.buildapi.build_sdist(str(into))


def test_wheel_installs_and_runs_with_its_requirements_alone(built: tuple[Path, Path], tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    words = ["--python", str(python), "install", "--no-index", "--no-deps", "--quiet", str(built[0])]
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *words], check=True)
    # The requirements are those of this environment; of evs_tui it has a link to the checkout, which must not count.
    site = next((home / "lib").glob("python*/site-packages"))
    (site / "requirements.pth").write_text(sysconfig.get_path("purelib") + "\n")
    ran = subprocess.run(
        [home / "bin" / "evs-tui", "volumes", "--demo", "--output", "jsonl"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == '{"end":true,"count":40,"skipped":0}'
    where = subprocess.run(
        [python, "-c", "import evs_tui; print(evs_tui.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert where.stdout.strip() == str(site / "evs_tui" / "__init__.py")
    assert list((site / "evs_tui" / "__pycache__").glob("__init__.*.pyc")), "not compiled at install"
    assert (home / "share" / "man" / "man1" / "evs-tui.1").is_file()


def test_wheel_holds_the_program_and_its_data_and_nothing_else(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[0]) as wheel:
        names = wheel.namelist()
    sources = {
        str(path.relative_to(ROOT)) for path in (ROOT / "evs_tui").rglob("*") if path.suffix in {".py", ".csv", ".tcss"}
    }
    assert sources <= set(names)
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"evs_tui"}


def test_sdist_holds_the_tests_and_what_they_need(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {
        "pyproject.toml",
        "requirements.lock",
        "tests/conftest.py",
        "docs/installed/share/man/man1/evs-tui.1",
        "LICENSE",
    } <= names
    assert {".ci/one_file.py", "screens.md", "assets/volumes-80x24.svg"} <= names
