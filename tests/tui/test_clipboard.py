from __future__ import annotations

import base64
from pathlib import Path

import pytest

from evs_tui.config.paths import Paths
from evs_tui.config.settings import load_settings
from evs_tui.exports.model import Sign
from evs_tui.failure import ConfigFailure
from evs_tui.tui.clipboard import WAYS, clipboard_sequence, sending_words
from tests.tui.demo_app import demo_app, settled
from tests.tui.looking import lines

ID = "2edc49c1-f71b-4135-8c06-43b173f29c6a"
PLAIN = "\x1b]52;c;" + base64.b64encode(ID.encode()).decode() + "\x07"
WRAPPED = "\x1bPtmux;\x1b" + PLAIN + "\x1b\\"


@pytest.mark.parametrize(
    ("way", "environ", "sequence"),
    [
        ("auto", {}, PLAIN),
        ("auto", {"TMUX": ""}, PLAIN),
        ("auto", {"TMUX": "/tmp/tmux-0/default,1,0"}, PLAIN + WRAPPED),
        ("raw", {"TMUX": "x"}, PLAIN),
        ("tmux", {}, WRAPPED),
        ("off", {"TMUX": "x"}, ""),
    ],
)
def test_what_is_written(way: str, environ: dict[str, str], sequence: str) -> None:
    assert clipboard_sequence(ID, way, environ) == sequence


def test_nothing_in_the_text_can_end_the_sequence() -> None:
    sequence = clipboard_sequence("a\x07\x1b\\b\ud800", "raw", {})
    assert sequence.startswith("\x1b]52;c;")
    assert sequence[1:].count("\x1b") == 0
    assert sequence.index("\x07") == len(sequence) - 1


def test_it_is_never_said_to_be_copied() -> None:
    assert sending_words(True, ID) == (f"Sent to the terminal: {ID}", Sign.NONE)
    assert sending_words(False, ID) == ("Not sent: clipboard is off in config.toml.", Sign.WARN)


def test_the_setting(tmp_path: Path) -> None:
    paths = Paths(tmp_path, tmp_path)
    assert load_settings(paths, {}).clipboard == "auto"
    for way in WAYS:
        paths.config_file.write_text(f'clipboard = "{way}"\n', encoding="utf-8")
        assert load_settings(paths, {}).clipboard == way
    paths.config_file.write_text('clipboard = "xclip"\n', encoding="utf-8")
    with pytest.raises(ConfigFailure) as refused:
        load_settings(paths, {})
    assert refused.value.why == "clipboard must be one of: auto, raw, tmux, off"


async def test_the_details_send_each_id_that_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    async with demo_app() as (app, pilot):
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", written.append)
        monkeypatch.delenv("TMUX", raising=False)
        await pilot.press(*["down"] * 5, "i")
        await settled(app, pilot, screen="DetailsDrawer")
        shown = {line[1]: line.split()[-1] for line in lines(app)[:-1] if line[1:3] in {"y ", "1 "}}
        for key in ("y", "1"):
            await pilot.press(key)
            await settled(app, pilot)
            assert lines(app)[-2] == f" - Sent to the terminal: {shown[key]}"
        await pilot.press("9")
    wanted = [base64.b64encode(one.encode()).decode() for one in (shown["y"], shown["1"])]
    assert [one for one in written if "52;c" in one] == [f"\x1b]52;c;{one}\x07" for one in wanted]
