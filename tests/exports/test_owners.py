"""Who lives: locks of processes, seen by other processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.owners import ROOM, Liveness, Machine, Owner, OwnerFacts, sweep

HERE = Machine("here", "boot-1")
_CHILD = """
import pathlib, sys
from evs_tui.exports.owners import Machine, Owner
owner = Owner.claim(pathlib.Path(sys.argv[1]), Machine("here", "boot-1"))
print(owner.facts.id, owner.facts.pid, flush=True)
sys.stdin.read()
"""


def _child(directory: Path) -> tuple[subprocess.Popen[str], OwnerFacts]:
    process = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    name, pid = process.stdout.readline().split()
    return process, OwnerFacts(name, "here", "boot-1", int(pid), f"{name}.lock", "0")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_process_lives_until_the_kernel_frees_its_lock(tmp_path: Path, end: signal.Signals) -> None:
    process, facts = _child(tmp_path)
    alive = Liveness(tmp_path, HERE)
    try:
        assert alive(facts) is True
        assert not alive.is_ours_to_take(facts)
        os.kill(process.pid, end)
        if end is signal.SIGSTOP:
            os.waitpid(process.pid, os.WUNTRACED)
            assert alive(facts) is True, "a stopped process still owns what it owns"
            process.kill()
        process.wait()
        assert alive(facts) is False
        assert alive.is_ours_to_take(facts)
    finally:
        process.kill()
        process.communicate()


def test_other_hosts_cannot_be_asked_and_other_boots_are_over(tmp_path: Path) -> None:
    alive = Liveness(tmp_path, HERE)
    facts = OwnerFacts("a1", "here", "boot-1", 1, "a1.lock", "0")
    assert alive(replace(facts, host="there")) is None
    assert not alive.is_ours_to_take(replace(facts, host="there"))
    assert alive(replace(facts, boot_id="boot-0")) is False
    assert not alive.is_ours_to_take(replace(facts, boot_id="boot-0")), "never unasked"


def test_removed_lock_file_does_not_make_a_living_process_dead(tmp_path: Path) -> None:
    process, facts = _child(tmp_path)
    try:
        (tmp_path / facts.lock_file).unlink()
        assert Liveness(tmp_path, HERE)(facts) is True
    finally:
        process.communicate("")
    assert Liveness(tmp_path, HERE)(facts) is False


def test_own_lock_is_seen_and_goes_at_the_end(tmp_path: Path) -> None:
    owner = Owner.claim(tmp_path / "owners", HERE)
    alive = Liveness(tmp_path / "owners", HERE)
    assert alive(owner.facts) is True
    assert alive.any_lock_held()
    assert (tmp_path / "owners").stat().st_mode & 0o777 == 0o700
    assert next((tmp_path / "owners").iterdir()).stat().st_mode & 0o777 == 0o600
    owner.release()
    owner.release()
    assert list((tmp_path / "owners").iterdir()) == []
    assert alive(owner.facts) is False
    assert not alive.any_lock_held()


def test_hostile_lock_file_name_is_not_opened(tmp_path: Path) -> None:
    facts = OwnerFacts("a1", "here", "boot-1", os.getpid(), "../../etc/passwd.lock", "0")
    assert Liveness(tmp_path, HERE)(facts) is False


def test_room_is_kept_given_and_kept_again(tmp_path: Path) -> None:
    owner = Owner.claim(tmp_path, HERE)
    path = tmp_path / owner.facts.lock_file
    owner.keep_room()
    assert path.stat().st_size == ROOM
    assert path.stat().st_blocks * 512 >= ROOM, "really taken, not sparse"
    owner.give_room()
    assert path.stat().st_size == 0
    owner.keep_room()
    assert path.stat().st_size == ROOM
    owner.release()


def test_full_disk_is_told_before_anything_is_announced(tmp_path: Path) -> None:
    script = (
        "import pathlib, resource, signal, sys\n"
        "from evs_tui.exports.faults import JournalFailure\n"
        "from evs_tui.exports.owners import Machine, Owner\n"
        "owner = Owner.claim(pathlib.Path(sys.argv[1]), Machine('here', 'boot-1'))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n    owner.keep_room()\nexcept JournalFailure as failure:\n    print(failure.full, failure.why)\n"
        "print(next(pathlib.Path(sys.argv[1]).iterdir()).stat().st_size)\n"
    )
    out = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert out.stdout.splitlines() == ["True the disk has no room to record an answer", "0"]


def test_sweep_keeps_living_and_needed_files(tmp_path: Path) -> None:
    owner = Owner.claim(tmp_path, HERE)
    for name in ("old.lock", "needed.lock", "other"):
        (tmp_path / name).touch()
    sweep(tmp_path, lambda name: name == "needed.lock")
    assert {path.name for path in tmp_path.iterdir()} == {owner.facts.lock_file, "needed.lock", "other"}
    owner.release()


def test_place_without_locks_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(JournalFailure, match=r"cannot hold a lock.*No locks available"):
        Owner.claim(tmp_path, HERE)
    assert list(tmp_path.iterdir()) == []
