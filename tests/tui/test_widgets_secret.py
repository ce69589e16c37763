"""A typed secret: masked on every way out, given away once."""

from __future__ import annotations

import logging

import pytest
from textual.events import Paste
from textual.message import Message
from textual.widgets import Input

from evs_tui.secret import Secret
from evs_tui.tui.widgets.fields import TextField
from evs_tui.tui.widgets.secret_input import SecretInput
from tests.tui.stage import ANSI, DARK, Stage, line_of

SENTINEL = "Hun-ter2 s3cr\u00e9t"


class SecretStage(Stage):
    """A secret field; keeps every message with all that it carries."""

    def __init__(self, **options: object) -> None:
        self.field = TextField("Password", secret=True, has_line=False)
        super().__init__(self.field, **options)  # type: ignore[arg-type]

    def on_input_changed(self, message: Input.Changed) -> None:
        self.keep(message)

    def on_secret_input_entered(self, message: SecretInput.Entered) -> None:
        self.keep(message)


async def typed(app: SecretStage, pilot: object) -> SecretInput:
    entry = app.field.entry
    assert isinstance(entry, SecretInput)
    entry.focus()
    entry.post_message(Paste(SENTINEL))
    await pilot.pause()  # type: ignore[attr-defined]
    return entry


@pytest.mark.parametrize("face", [DARK, ANSI])
async def test_it_shows_a_star_for_each_character_and_nothing_else(face: object) -> None:
    app = SecretStage(face=face)
    async with app.run_test(size=(60, 3)) as pilot:
        await typed(app, pilot)
        assert line_of(app, 0) == f" › Password       {'*' * len(SENTINEL)}"
        picture = app.export_screenshot()
        assert SENTINEL not in picture
        assert "Hun" not in picture


async def test_copying_and_cutting_do_nothing() -> None:
    app = SecretStage()
    async with app.run_test(size=(60, 3)) as pilot:
        entry = await typed(app, pilot)
        entry.select_all()
        await pilot.press("ctrl+c", "ctrl+x", "super+c")
        assert app.clipboard == ""
        assert entry.value == SENTINEL


async def test_its_value_is_taken_once() -> None:
    app = SecretStage()
    async with app.run_test(size=(60, 3)) as pilot:
        entry = await typed(app, pilot)
        secret = app.field.take()
        assert isinstance(secret, Secret)
        assert secret.reveal() == SENTINEL
        assert entry.value == ""
        assert not app.field.take()


async def test_enter_gives_the_secret_away_and_empties_the_field() -> None:
    app = SecretStage()
    async with app.run_test(size=(60, 3)) as pilot:
        entry = await typed(app, pilot)
        await pilot.press("enter")
        entered = app.of(SecretInput.Entered)[0]
        assert isinstance(entered, SecretInput.Entered)
        assert entered.secret == Secret(SENTINEL)
        assert SENTINEL not in repr(vars(entered))
        assert entry.value == ""


async def test_no_message_and_no_log_carries_the_value(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    posted: list[Message] = []
    post = Input.post_message

    def spy(self: Input, message: Message) -> bool:
        posted.append(message)
        return post(self, message)

    monkeypatch.setattr(Input, "post_message", spy)
    app = SecretStage()
    with caplog.at_level(logging.DEBUG):
        async with app.run_test(size=(60, 3)) as pilot:
            entry = await typed(app, pilot)
            await pilot.press("x", "backspace")
            app.screen.set_focus(None)
            await pilot.pause()
            assert entry.value == SENTINEL, "leaving the field keeps it"
    carried = [getattr(message, "value", None) for message in posted]
    assert "*" * len(SENTINEL) in carried
    assert not any(value and set(value) - {"*"} for value in carried)
    assert SENTINEL not in caplog.text


async def test_a_secret_with_odd_characters_arrives_as_it_is() -> None:
    app = SecretStage()
    async with app.run_test(size=(60, 3)) as pilot:
        app.field.entry.focus()
        app.field.entry.post_message(Paste("\na\tb\u200bc\x7f\n"))
        await pilot.pause()
        assert app.field.take().reveal() == "a\tb\u200bc\x7f"


async def test_going_away_forgets_it() -> None:
    app = SecretStage()
    async with app.run_test(size=(60, 3)) as pilot:
        entry = await typed(app, pilot)
        await app.field.remove()
        await pilot.pause()
        assert entry.value == ""


async def test_an_ordinary_field_has_no_secret_to_take() -> None:
    app = Stage(TextField("Name", "x"))
    async with app.run_test(size=(60, 3)):
        with pytest.raises(TypeError, match="Name is no secret field"):
            app.query_one(TextField).take()
