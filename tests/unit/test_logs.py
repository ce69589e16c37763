from __future__ import annotations

import io
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from evs_tui.failure import ExitCode, UsageFailure
from evs_tui.logs import SafeStream, safe_text, start_logging, stop_logging
from evs_tui.secret import MASK, Secret

SENTINEL = "Sentinel-7f3a/pa$$"
OURS = logging.getLogger("evs_tui.some.module")


@pytest.fixture(autouse=True)
def _quiet_afterwards() -> Iterator[None]:
    before = os.umask(0)
    yield
    stop_logging()
    os.umask(before)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "evs-tui.log"
    start_logging(path)
    return path


def test_the_file_appears_with_its_first_line_and_is_the_owners_alone(log: Path) -> None:
    assert not log.parent.exists()
    OURS.info("not worth a line")
    assert not log.parent.exists()
    OURS.warning("worth one")
    assert log.read_text().endswith(f"WARNING {os.getpid()} evs_tui.some.module: worth one\n")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_without_a_file_nothing_is_written_anywhere(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    start_logging(None)
    OURS.error("to nobody")
    logging.getLogger("asyncio").error("Task exception was never retrieved")
    assert capfd.readouterr() == ("", "")
    assert not list(tmp_path.iterdir())


def test_foreign_loggers_write_to_the_file_and_never_to_the_screen(
    log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved")
    logging.getLogger("keyring.backend").warning("no backend")
    assert capfd.readouterr() == ("", "")
    assert "Task exception was never retrieved" in log.read_text()
    assert "no backend" in log.read_text()


def test_a_living_secret_is_taken_out_of_messages_arguments_and_exceptions(log: Path) -> None:
    secret = Secret(SENTINEL)
    OURS.warning("plain %s", SENTINEL)
    OURS.warning("wrapped %s", {"password": secret})
    broken = RuntimeError({"body": SENTINEL})
    broken.__cause__ = ValueError(f"login with {SENTINEL} failed")
    OURS.error("broken", exc_info=broken)
    text = log.read_text()
    assert SENTINEL not in text
    assert f"ValueError: login with {MASK} failed" in text
    assert f"RuntimeError: {{'body': '{MASK}'}}" in text
    assert text.count(MASK) == 4


def test_an_exception_that_is_logged_after_its_secret_has_gone(log: Path) -> None:
    def login() -> None:
        raise ValueError(f"refused: {Secret(SENTINEL).reveal()}")

    with pytest.raises(ValueError, match="refused") as caught:
        login()
    OURS.error("late", exc_info=caught.value)
    assert SENTINEL not in log.read_text()
    assert f"ValueError: refused: {MASK}" in log.read_text()


def test_a_traceback_has_no_local_variables(log: Path) -> None:
    def failing() -> None:
        local = "unregistered-" + "value"
        raise ValueError(len(local))

    with pytest.raises(ValueError, match="18") as caught:
        failing()
    OURS.error("broken", exc_info=caught.value)
    assert "ValueError: 18" in log.read_text()
    assert "unregistered-value" not in log.read_text()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("X-Auth-Token: gAAAA.tok en\nnext", f"X-Auth-Token: {MASK}\nnext"),
        ("x-subject-token=gAAAA", f"x-subject-token={MASK}"),
        ("{'X-Auth-Token': 'gAAAA', 'Accept': '*/*'}", f"{{'X-Auth-Token': {MASK}, 'Accept': '*/*'}}"),
        ('{"X-Security-Token": "gA\\"AA", "b": 1}', f'{{"X-Security-Token": {MASK}, "b": 1}}'),
        ("[(b'X-Subject-Token', b'gAAAA'), (b'A', b'b')]", f"[(b'X-Subject-Token', {MASK}), (b'A', b'b')]"),
        ("Authorization: SDK-HMAC-SHA256 Access=AK, Signature=ab", f"Authorization: {MASK}"),
        ("proxy-authorization: Basic dTpw", f"proxy-authorization: {MASK}"),
        ("Set-Cookie: sid=1; HttpOnly", f"Set-Cookie: {MASK}"),
        ("cookie: a=b; c=d", f"cookie: {MASK}"),
        (
            "GET https://h/v3?limit=5&token=abc&marker=x HTTP/1.1",
            f"GET https://h/v3?limit=5&token={MASK}&marker=x HTTP/1.1",
        ),
        ("https://h/?X-Amz-Signature=abc", f"https://h/?X-Amz-Signature={MASK}"),
        ('{"password": "hunter2", "name": "x"}', f'{{"password": {MASK}, "name": "x"}}'),
        ("PasswordLogin(password='hunter2', user='x')", f"PasswordLogin(password={MASK}, user='x')"),
        ("a limit of 5 tokens and a passing secretary", "a limit of 5 tokens and a passing secretary"),
        ("marker=x&limit=100 name='web-01'", "marker=x&limit=100 name='web-01'"),
    ],
)
def test_secrets_nobody_registered_are_known_by_what_carries_them(written: str, kept: str) -> None:
    assert safe_text(written) == kept


def test_the_log_cannot_speak_to_the_terminal_that_shows_it(log: Path) -> None:
    OURS.warning("volume \x1b]52;c;cHduZWQ=\x07 \u202e named")
    assert "volume ␛]52;c;cHduZWQ=␇ \N{REPLACEMENT CHARACTER} named" in log.read_text()


@pytest.mark.parametrize("name", ["httpx", "httpcore", "httpcore.http11"])
def test_the_http_libraries_say_nothing_below_a_warning_even_when_debugging(tmp_path: Path, name: str) -> None:
    start_logging(tmp_path / "log", debug_log=tmp_path / "debug")
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        logging.getLogger(name).info("HTTP Request: GET https://h/?token=abc")
        logging.getLogger(name).debug("receive_response_headers.complete [(b'X-Subject-Token', b'abc')]")
    finally:
        logging.getLogger().setLevel(logging.WARNING)
    assert (tmp_path / "debug").read_text() == ""
    logging.getLogger(name).warning("worth knowing")
    assert "worth knowing" in (tmp_path / "debug").read_text()


def test_the_debug_log_has_everything_of_ours_and_is_the_owners_alone(tmp_path: Path) -> None:
    debug = tmp_path / "debug.log"
    debug.touch(0o666)
    start_logging(tmp_path / "log", debug_log=debug)
    OURS.debug("detail")
    assert "DEBUG" in debug.read_text()
    assert "detail" in debug.read_text()
    assert stat.S_IMODE(debug.stat().st_mode) == 0o600
    assert not (tmp_path / "log").exists()


def test_a_debug_log_is_no_link_and_no_device(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "debug").symlink_to(victim)
    with pytest.raises(UsageFailure) as caught:
        start_logging(None, debug_log=tmp_path / "debug")
    assert caught.value.exit_code is ExitCode.USAGE
    assert str(caught.value) == (
        f"The debug log cannot be written: {tmp_path}/debug cannot be used: it is a symbolic link"
    )
    assert victim.read_text() == "precious"
    with pytest.raises(UsageFailure, match="no such file or directory"):
        start_logging(None, debug_log=tmp_path / "nowhere" / "debug")


def test_a_log_that_cannot_be_written_disturbs_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state").write_text("a file where the directory should be")
    start_logging(tmp_path / "state" / "evs-tui.log")
    OURS.error("lost")
    assert capfd.readouterr() == ("", "")


def test_the_log_is_turned_over_and_stays_closed(log: Path) -> None:
    for _ in range(6):
        OURS.warning("x" * 400_000)
    names = sorted(path.name for path in log.parent.iterdir())
    assert names == ["evs-tui.log", "evs-tui.log.1", "evs-tui.log.2"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in log.parent.iterdir()} == {0o600}


def test_starting_again_replaces_and_stopping_restores(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    start_logging(tmp_path / "one")
    start_logging(tmp_path / "two")
    OURS.warning("once")
    assert not (tmp_path / "one").exists()
    assert (tmp_path / "two").read_text().count("once") == 1
    stop_logging()
    assert logging.getLogger().handlers == before
    assert logging.getLogger("evs_tui").propagate
    assert logging.getLogger("httpx").level == logging.NOTSET


def test_a_stream_that_frees_what_is_written_to_it_of_secrets(tmp_path: Path) -> None:
    secret = Secret(SENTINEL)
    with io.FileIO(tmp_path / "out", "w") as raw:
        stream = SafeStream(raw)
        assert stream.write(f"{SENTINEL} \x1b[2J é \udcff\n") == len(SENTINEL) + 10
        stream.flush()
        written = (tmp_path / "out").read_text()
    assert written == f"{MASK} ␛[2J é \N{REPLACEMENT CHARACTER}\n"
    assert secret
