"""The end of an export told by the terminal: what is written, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evs_tui.config.finish import Finish, finish_from, notification
from evs_tui.exports.model import JobState, Outcome
from evs_tui.failure import ConfigFailure
from evs_tui.tui.finish import PUSH_TITLE, FinishSignal
from tests.lists.test_words import job as plain_job

GOING = replace(plain_job(), state=JobState.EXPORTING)
ENDED = replace(plain_job(), outcome=Outcome.SUCCEEDED)
FAILED = replace(ENDED, id="f" * 16, state=JobState.FAILED, outcome=Outcome.FAILED)


def test_what_ended_before_is_no_news_and_what_ends_rings_once() -> None:
    written: list[str] = []
    signal = FinishSignal(Finish(title=False, notify="osc9"), "xterm", written.append)
    signal.jobs_changed([GOING, FAILED], running=1, need_you=0)
    assert written == []
    signal.jobs_changed([ENDED, FAILED], running=0, need_you=0)
    signal.jobs_changed([ENDED, FAILED], running=0, need_you=0)
    assert written == ["\a\x1b]9;An export ended: succeeded\x07"]


def test_the_title_counts_and_is_written_only_when_it_changes() -> None:
    written: list[str] = []
    signal = FinishSignal(Finish(bell=False), "xterm-256color", written.append)
    for running, need_you in ((0, 0), (2, 0), (2, 0), (1, 1)):
        signal.jobs_changed([], running=running, need_you=need_you)
    assert written == [
        f"{PUSH_TITLE}\x1b]2;evs-tui\x07",
        "\x1b]2;evs-tui: 2 running\x07",
        "\x1b]2;evs-tui: 1 running, 1 need you\x07",
    ]
    assert signal.took_title
    console = FinishSignal(Finish(), "linux", written.append)
    console.jobs_changed([], running=1, need_you=0)
    assert (len(written), console.took_title) == (3, False)


def test_a_notification_holds_nothing_that_a_terminal_obeys() -> None:
    assert notification("osc777", "a;b\x1b]0;x\x07") == "\x1b]777;notify;evs-tui;a,b\u241b]0,x\u2407\x07"
    assert notification(None, "x") == ""


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"bel": True}, 'the key "finish.bel" is unknown'),
        ({"bell": 1}, "finish.bell must be true or false"),
        ({"notify": "toast"}, "finish.notify must be one of osc9, osc777"),
        ({"hook": "told"}, "finish.hook must be a list of texts: a program and its arguments"),
        ({"hook": ["told"]}, "the program of finish.hook must be given with its whole path"),
        ("x", "[finish] must be a table: bell, title, notify, hook"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(table: object, why: str) -> None:
    with pytest.raises(ConfigFailure) as caught:
        finish_from("config.toml", table)
    assert caught.value.why == why
    assert finish_from("config.toml", {"hook": ["/bin/true", "-x"], "bell": False}) == Finish(
        bell=False, hook=("/bin/true", "-x")
    )
