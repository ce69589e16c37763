"""Signals: one exception at a safe place, none while something is being closed."""

from __future__ import annotations

import os
import signal

import pytest

from evs_tui.cli.signals import Signalled, Signals

ALL = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_each_signal_ends_with_its_code(number: int, code: int) -> None:
    with pytest.raises(Signalled) as caught, Signals().watched():
        os.kill(os.getpid(), number)
    assert caught.value.exit_code == code
    assert caught.value.may_speak == (number == signal.SIGINT)


def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in ALL]
    with Signals().watched():
        assert [signal.getsignal(number) for number in ALL] != before
    assert [signal.getsignal(number) for number in ALL] == before


def test_what_the_parent_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals().watched():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def send(*numbers: int) -> None:
    for number in numbers:
        os.kill(os.getpid(), number)


def test_closing_is_finished_first() -> None:
    closed = []

    def close() -> None:
        signals = Signals()
        with signals.watched(), signals.held():
            send(signal.SIGTERM, signal.SIGINT)
            closed.append("all of it")

    with pytest.raises(Signalled) as caught:
        close()
    assert closed == ["all of it"]
    assert caught.value.number == signal.SIGTERM


def test_a_second_signal_does_not_disturb_the_closing_that_the_first_began() -> None:
    closed = []

    def work() -> None:
        signals = Signals()
        with signals.watched():
            try:
                send(signal.SIGINT)
            finally:
                with signals.held():
                    send(signal.SIGINT)
                    closed.append("all of it")

    with pytest.raises(Signalled) as caught:
        work()
    assert closed == ["all of it"]
    assert caught.value.exit_code == 130
