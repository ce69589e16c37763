"""Colours, symbols, and which of them a terminal gets."""

from __future__ import annotations

import dataclasses
import unicodedata
from itertools import product

import pytest
from textual.app import App
from textual.color import Color
from wcwidth import wcwidth

from evs_tui.exports.model import Sign
from evs_tui.tui.content import TOKENS, Token
from evs_tui.tui.theme import (
    ANSI_INKS,
    ANSI_VARIABLES,
    ASCII,
    DARK,
    INKS,
    LIGHT,
    SIGN_TOKENS,
    UNICODE,
    choose_face,
    dress,
    ink_styles,
    sign,
    symbols_of,
)
from evs_tui.tui.widgets.sheet import Sheet
from tests.tui.stage import ANSI, Stage

RICH = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "en_US.UTF-8"}


@pytest.mark.parametrize(
    ("environ", "theme", "ansi"),
    [
        (RICH, "evs-dark", False),
        ({**RICH, "COLORFGBG": "0;15"}, "evs-light", False),
        ({**RICH, "COLORFGBG": "15;0"}, "evs-dark", False),
        ({**RICH, "NO_COLOR": ""}, "ansi-dark", True),
        ({**RICH, "NO_COLOR": "1"}, "ansi-dark", True),
        ({"TERM": "screen", "LANG": "en_US.UTF-8"}, "ansi-dark", True),
        ({"TERM": "linux"}, "ansi-dark", True),
        ({"TERM": "screen-256color"}, "evs-dark", False),
        ({"TERM": "xterm-kitty"}, "evs-dark", False),
        ({**RICH, "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "ansi-dark", True),
        ({**RICH, "SSH_TTY": "/dev/pts/1", "COLORFGBG": "0;15"}, "ansi-light", True),
    ],
)
def test_the_theme_fits_the_terminal(environ: dict[str, str], theme: str, ansi: bool) -> None:
    face = choose_face(environ)
    assert (face.theme, face.ansi) == (theme, ansi)


def test_a_wish_beats_ssh_but_not_no_color() -> None:
    over_ssh = {**RICH, "SSH_TTY": "/dev/pts/1"}
    assert choose_face(over_ssh, wanted="light").theme == "evs-light"
    assert choose_face(over_ssh, wanted="light").quiet
    assert choose_face({**RICH, "NO_COLOR": "1"}, wanted="light").theme == "ansi-light"
    assert choose_face({**RICH, "COLORFGBG": "0;15"}, wanted="dark").theme == "evs-dark"
    assert choose_face(RICH, wanted="ansi").theme == "ansi-dark"


@pytest.mark.parametrize(
    ("environ", "unicode"),
    [
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "C.utf8"}, True),
        ({"LC_CTYPE": "zh_CN.UTF-8@x", "LANG": "C"}, True),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LANG": ""}, False),
        ({}, False),
    ],
)
def test_ascii_symbols_where_the_locale_is_not_utf8(environ: dict[str, str], unicode: bool) -> None:
    assert (choose_face(environ).symbols is UNICODE) is unicode


def test_ascii_symbols_where_asked_for() -> None:
    assert choose_face(RICH, ascii_only=True).symbols is ASCII


def test_every_symbol_is_one_cell_on_every_terminal() -> None:
    for symbol in dataclasses.astuple(UNICODE) + dataclasses.astuple(ASCII):
        assert len(symbol) == 1
        assert wcwidth(symbol) == 1
        assert unicodedata.east_asian_width(symbol) in {"N", "Na"}
    assert all(symbol.isascii() for symbol in dataclasses.astuple(ASCII))


def test_every_sign_has_a_character_of_its_own_and_a_token() -> None:
    for symbols in (UNICODE, ASCII):
        assert len({sign(of, symbols)[0] for of in Sign}) == len(Sign)
    assert sign(Sign.GOOD, UNICODE) == ("✓", "good")
    assert sign(Sign.BAD, ASCII) == ("x", "bad")
    assert set(SIGN_TOKENS) == set(Sign)


def _luminance(color: Color) -> float:
    channels = [value / 255 for value in (color.r, color.g, color.b)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(Color.parse(one)), _luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_all_words_can_be_read(theme: object) -> None:
    app: App[None] = App()
    dress(app, dataclasses.replace(ANSI, theme=theme.name))  # type: ignore[attr-defined]
    colors = app.get_css_variables()
    words = ("foreground", "muted", "primary", "accent", "success", "warning", "error", "busy")
    for word, ground in product(words, ("background", "bar", "field")):
        assert _contrast(colors[word], colors[ground]) >= 5.1, (word, ground)
    assert _contrast(colors["cursor-fg"], colors["cursor-bg"]) >= 5.1
    assert _contrast(colors["badge-fg"], colors["badge-prod"]) >= 5.1
    assert _contrast(colors["badge-fg"], colors["badge-safe"]) >= 5.1
    assert _contrast(colors["faint"], colors["field"]) >= 2.9
    assert _contrast(colors["cursor-bg"], colors["background"]) >= 2.9


def test_every_token_has_an_ink_for_both_kinds_of_theme() -> None:
    assert set(INKS) == set(ANSI_INKS) == set(TOKENS)


def test_the_terminals_own_colours_are_red_and_green_and_nothing_else() -> None:
    app = Stage(face=ANSI)
    styles = ink_styles(app.get_css_variables(), ansi=True)
    coloured = {token for token, style in styles.items() if style.color and not style.color.is_default}
    assert coloured == {"good", "bad", "alarm"}
    assert {token: str(getattr(styles[token].color, "name", None)) for token in coloured} == {
        "good": "color(2)",
        "bad": "color(1)",
        "alarm": "color(1)",
    }
    assert all(style.bgcolor is None or style.bgcolor.is_default for style in styles.values())


def test_without_colour_every_state_that_matters_has_an_attribute() -> None:
    styles = ink_styles(Stage(face=ANSI).get_css_variables(), ansi=True)
    plain: tuple[Token, ...] = ("text", "muted", "busy", "good", "bad")
    for token in set(TOKENS) - set(plain):
        style = styles[token]
        assert style.bold or style.reverse or style.underline or style.dim, token
    assert styles["cursor"].reverse
    assert not styles["muted"].dim


async def test_another_theme_repaints_with_its_colours() -> None:
    from evs_tui.tui.content import Line
    from tests.tui.stage import cells_of

    app = Stage(Sheet([Line((("x", "good"),))]))
    async with app.run_test(size=(20, 3)) as pilot:
        dark = cells_of(app, 0)[0][1].color
        app.theme = "evs-light"
        await pilot.pause()
        light = cells_of(app, 0)[0][1].color
    assert dark is not None
    assert light is not None
    assert (dark.name, light.name) == ("#86c9a2", "#1d6b45")


def test_an_app_without_symbols_gets_unicode() -> None:
    assert symbols_of(App()) is UNICODE
    assert symbols_of(Stage(face=dataclasses.replace(ANSI, symbols=ASCII))) is ASCII


def test_our_colour_names_exist_under_every_theme() -> None:
    assert set(ANSI_VARIABLES) <= set(DARK.variables)
    assert set(ANSI_VARIABLES) <= set(LIGHT.variables)
