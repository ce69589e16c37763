from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from evs_tui.failure import ConfigFailure
from evs_tui.files import open_private, private_directory, read_trusted, write_private

WRITE = os.O_WRONLY | os.O_CREAT | os.O_APPEND
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture(autouse=True)
def _no_umask() -> object:
    before = os.umask(0)
    yield
    os.umask(before)


def test_directories_are_made_closed_with_their_parents(tmp_path: Path) -> None:
    private_directory(tmp_path / "a" / "b")
    assert (mode_of(tmp_path / "a"), mode_of(tmp_path / "a" / "b")) == (0o700, 0o700)


def test_an_open_directory_of_ours_is_closed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(0o777)
    private_directory(tmp_path / "a")
    assert mode_of(tmp_path / "a") == 0o700


@only_root
@pytest.mark.parametrize("as_link", [False, True])
def test_a_directory_of_somebody_else_is_not_used(tmp_path: Path, as_link: bool) -> None:
    place = tmp_path / "a"
    if as_link:
        (tmp_path / "real").mkdir()
        place.symlink_to(tmp_path / "real")
    else:
        place.mkdir()
    os.chown(place, 12345, 12345, follow_symlinks=False)
    with pytest.raises(ConfigFailure, match="it belongs to user id 12345, and this program runs as 0"):
        private_directory(place)


def test_a_file_in_the_place_of_a_directory(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(ConfigFailure, match=r"a cannot be used: file exists"):
        private_directory(tmp_path / "a")


def test_files_are_made_closed_and_open_ones_of_ours_are_closed(tmp_path: Path) -> None:
    for name in ("new", "old"):
        if name == "old":
            (tmp_path / name).touch(0o666)
        descriptor = open_private(tmp_path / name, WRITE)
        os.close(descriptor)
        assert mode_of(tmp_path / name) == 0o600


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "log").symlink_to(victim)
    with pytest.raises(ConfigFailure, match="it is a symbolic link"):
        open_private(tmp_path / "log", WRITE)
    dangling = tmp_path / "other"
    dangling.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigFailure, match="it is a symbolic link"):
        open_private(dangling, WRITE)
    assert victim.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


def test_a_link_planted_behind_the_check_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "log").symlink_to(tmp_path / "nowhere")
    monkeypatch.setattr(Path, "is_symlink", lambda _self: False)
    with pytest.raises(ConfigFailure, match="too many levels of symbolic links"):
        open_private(tmp_path / "log", WRITE)


def test_a_named_pipe_is_no_file_of_ours(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log", 0o600)
    with pytest.raises(ConfigFailure, match="log cannot be used"):
        open_private(tmp_path / "log", WRITE)
    with pytest.raises(ConfigFailure, match="it is not a regular file"):
        read_trusted(tmp_path / "log", limit=10)


@only_root
def test_a_file_of_somebody_else_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    os.chown(tmp_path / "log", 12345, 12345)
    with pytest.raises(ConfigFailure, match="it belongs to user id 12345"):
        open_private(tmp_path / "log", WRITE)


def test_writing_replaces_the_whole_file_and_leaves_no_draft(tmp_path: Path) -> None:
    target = tmp_path / "receipts" / "r.json"
    write_private(target, b"first, and longer")
    write_private(target, b"second")
    assert target.read_bytes() == b"second"
    assert mode_of(target) == 0o600
    assert list(target.parent.iterdir()) == [target]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "receipts" / "r.json"
    write_private(target, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigFailure, match="no space left on device"):
        write_private(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(target.parent.iterdir()) == [target]


def test_reading_says_what_the_reader_must_judge(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"\xef\xbb\xbftext")
    path.chmod(0o644)
    read = read_trusted(path, limit=100)
    assert (read.text, read.readable_by_others, read.owner_is_other) == ("text", True, False)
    path.chmod(0o600)
    assert not read_trusted(path, limit=100).readable_by_others
    with pytest.raises(ConfigFailure, match="it is larger than"):
        read_trusted(path, limit=3)
    with pytest.raises(FileNotFoundError):
        read_trusted(tmp_path / "gone", limit=3)
    with pytest.raises(FileNotFoundError):
        read_trusted(path / "below", limit=3)


def test_a_path_in_a_message_is_harmless(tmp_path: Path) -> None:
    directory = tmp_path / "a\x1b[2J"
    directory.touch()
    with pytest.raises(ConfigFailure) as caught:
        private_directory(directory)
    assert "\x1b" not in str(caught.value)
