"""When the terminal UI cannot be opened, and what is said then."""

from __future__ import annotations

import sys

import pytest

from evs_tui.cli.terminal import check_terminal
from evs_tui.failure import ExitCode, UsageFailure


class _Stream:
    def __init__(self, *, terminal: bool = True, encoding: str = "utf-8") -> None:
        self.encoding = encoding
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def checked(term: str | None = "xterm-256color", **streams: _Stream) -> None:
    """Check a terminal that is fine but for `streams`; pytest's own streams are put aside just for that."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("stdin", "stderr", "__stderr__"):
            patch.setattr(sys, name, streams.get(name, _Stream()))
        check_terminal({} if term is None else {"TERM": term})


def refusal(term: str | None = "xterm-256color", **streams: _Stream) -> UsageFailure:
    with pytest.raises(UsageFailure) as caught:
        checked(term, **streams)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.what == "The terminal UI cannot be opened"
    assert "evs-tui volumes, export and jobs work without it" in (caught.value.advice or "")
    return caught.value


@pytest.mark.parametrize("term", ["xterm-256color", "screen", "tmux", "linux"])
def test_a_real_terminal_is_fine(term: str) -> None:
    checked(term)


def test_keys_must_be_readable() -> None:
    failure = refusal(stdin=_Stream(terminal=False))
    assert failure.why == "standard input is not a terminal, so no key can be read"


def test_the_screen_must_be_seen() -> None:
    failure = refusal(stderr=_Stream(terminal=False))
    assert failure.why == "standard error is not a terminal, and the screen is drawn there"


@pytest.mark.parametrize(
    ("term", "why"),
    [
        ("dumb", "TERM is dumb: this terminal cannot place text"),
        ("unknown", "TERM is unknown: this terminal cannot place text"),
        ("", "TERM is not set: this terminal cannot place text"),
        (None, "TERM is not set: this terminal cannot place text"),
    ],
)
def test_text_must_be_placeable(term: str | None, why: str) -> None:
    assert refusal(term).why == why


def test_the_encoding_need_not_have_every_character() -> None:
    checked(stderr=_Stream(encoding="iso-8859-1"), __stderr__=_Stream(encoding="iso-8859-1"))
