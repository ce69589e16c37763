"""Colours and symbols: two themes, the terminal's own 16 colours, symbols with their ASCII twins, and the choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.theme import Theme

from evs_tui.exports.model import Sign
from evs_tui.tui.content import Part, Token

_OUR_NAMES = (
    "muted",
    "faint",
    "busy",
    "bar",
    "field",
    "cursor-bg",
    "cursor-fg",
    "badge-fg",
    "badge-prod",
    "badge-safe",
)
ANSI_VARIABLES: Mapping[str, str] = dict.fromkeys(_OUR_NAMES, "ansi_default")
"""Our colour names under the stock ANSI themes, for `App.get_theme_variable_defaults`.

Text stays the terminal's own colour there, so that no palette can make it unreadable.
"""

DARK = Theme(
    name="evs-dark",
    dark=True,
    primary="#8ab8f2",
    secondary="#6f9ad3",
    accent="#d7a6e8",
    success="#86c9a2",
    warning="#e6bd74",
    error="#ff9a8a",
    foreground="#d6dbe4",
    background="#14171c",
    surface="#14171c",
    panel="#1e232b",
    variables={
        "muted": "#99a3b4",
        "faint": "#6b7587",
        "busy": "#83cfdc",
        "bar": "#1e232b",
        "field": "#262d38",
        "cursor-bg": "#3c639e",
        "cursor-fg": "#ffffff",
        "badge-fg": "#14171c",
        "badge-prod": "#ff9a8a",
        "badge-safe": "#86c9a2",
        "input-cursor-background": "#d6dbe4",
        "input-cursor-foreground": "#14171c",
        "input-selection-background": "#3c639e",
        "input-selection-foreground": "#ffffff",
    },
)

LIGHT = Theme(
    name="evs-light",
    dark=False,
    primary="#1c56a3",
    secondary="#2f6bb8",
    accent="#7b2f96",
    success="#1d6b45",
    warning="#7d5200",
    error="#a8261b",
    foreground="#20252d",
    background="#fbfaf7",
    surface="#fbfaf7",
    panel="#eeebe4",
    variables={
        "muted": "#565e6b",
        "faint": "#7c828d",
        "busy": "#0f6575",
        "bar": "#eeebe4",
        "field": "#e9e5dc",
        "cursor-bg": "#1c56a3",
        "cursor-fg": "#ffffff",
        "badge-fg": "#ffffff",
        "badge-prod": "#a8261b",
        "badge-safe": "#1d6b45",
        "input-cursor-background": "#20252d",
        "input-cursor-foreground": "#fbfaf7",
        "input-selection-background": "#bcd3f0",
        "input-selection-foreground": "#20252d",
    },
)


@dataclass(frozen=True, slots=True)
class Ink:
    """How a token looks: names of theme variables, and Rich's names of attributes."""

    color: str | None = None
    background: str | None = None
    attributes: str = ""


INKS: Mapping[Token, Ink] = {
    "text": Ink(),
    "strong": Ink(attributes="bold"),
    "title": Ink(color="foreground", attributes="bold"),
    "muted": Ink("muted"),
    "faint": Ink("faint"),
    "key": Ink("primary", attributes="bold"),
    "place": Ink("primary", attributes="bold underline"),
    "head": Ink("muted", attributes="underline"),
    "good": Ink("success"),
    "warn": Ink("warning"),
    "bad": Ink("error"),
    "alarm": Ink("error", attributes="bold"),
    "busy": Ink("busy"),
    "mark": Ink("accent", attributes="bold"),
    "cursor": Ink("cursor-fg", "cursor-bg", "bold"),
    "here": Ink("foreground", "field"),
    "field": Ink(background="field"),
    "prod": Ink("badge-fg", "badge-prod", "bold"),
    "safe": Ink("badge-fg", "badge-safe", "bold"),
}

ANSI_INKS: Mapping[Token, Ink] = {
    **INKS,
    # Yellow, cyan and blue are each unreadable on one common background; bold and reverse never are. Red and
    # green stay, on a symbol or a word that says it too.
    "title": Ink(attributes="bold"),
    "muted": Ink(),
    "faint": Ink(attributes="dim"),
    "key": Ink(attributes="bold"),
    "place": Ink(attributes="bold underline"),
    "head": Ink(attributes="underline"),
    "warn": Ink(attributes="bold"),
    "busy": Ink(),
    "mark": Ink(attributes="bold"),
    "cursor": Ink(attributes="reverse bold"),
    "here": Ink(attributes="bold"),
    "field": Ink(attributes="underline"),
    "prod": Ink(attributes="reverse bold"),
    "safe": Ink(attributes="reverse"),
}


def ink_styles(variables: Mapping[str, str], *, ansi: bool) -> dict[Token, Style]:
    """The style of every token under a theme, to be laid over the style of the widget.

    `variables` are the app's theme variables. The tokens are no CSS component classes: nineteen of them on
    every line widget would be matched against all rules again at each change of focus.
    """
    return {token: _style(ink, variables) for token, ink in (ANSI_INKS if ansi else INKS).items()}


def _style(ink: Ink, variables: Mapping[str, str]) -> Style:
    attributes = Style.parse(ink.attributes) if ink.attributes else Style.null()
    return attributes + Style(
        color=Color.parse(variables[ink.color]).rich_color if ink.color else None,
        bgcolor=Color.parse(variables[ink.background]).rich_color if ink.background else None,
    )


@dataclass(frozen=True, slots=True)
class Symbols:
    """One cell each, also where the terminal draws ambiguous characters wide."""

    cursor: str = "›"
    """Has the keyboard."""
    mark: str = "*"
    good: str = "✓"
    act: str = "►"
    busy: str = "▪"
    wait: str = "▫"
    bad: str = "✗"
    ask: str = "?"
    warn: str = "!"
    none: str = "-"
    cut: str = "»"
    """The text goes on."""
    up: str = "▴"
    """Sorted, smallest first."""
    down: str = "▾"
    left: str = "‹"
    """There are choices on both sides of a value."""
    right: str = "›"

    @property
    def is_ascii(self) -> bool:
        """Whether nothing but ASCII may be drawn."""
        return self.cut.isascii()


UNICODE = Symbols()
ASCII = Symbols(
    cursor=">", good="+", act=">", busy="o", wait=".", bad="x", cut="~", up="^", down="v", left="<", right=">"
)

SIGN_TOKENS: Mapping[Sign, Token] = {
    Sign.GOOD: "good",
    Sign.ACT: "warn",
    Sign.BUSY: "busy",
    Sign.WAIT: "muted",
    Sign.BAD: "bad",
    Sign.ASK: "warn",
    Sign.WARN: "warn",
    Sign.NONE: "muted",
}
"""The colour of a sign. Its words stay in the colour of text: if every second row shouted, none would be heard."""


def sign(of: Sign, symbols: Symbols) -> Part:
    """The character and token of a sign."""
    character: str = getattr(symbols, of.value)
    return character, SIGN_TOKENS[of]


def symbols_of(app: App[Any]) -> Symbols:
    """The symbols that `app` chose, as its attribute `symbols`; Unicode where it has none."""
    chosen = getattr(app, "symbols", None)
    return chosen if isinstance(chosen, Symbols) else UNICODE


@dataclass(frozen=True, slots=True)
class Face:
    """How the program shows itself on this terminal.

    An app passes `ansi_color=face.ansi or None` to `App.__init__`, because Textual chooses its NO_COLOR filter
    there and nowhere else, keeps `symbols` as an attribute and then calls `dress`.
    """

    theme: str
    ansi: bool
    symbols: Symbols
    quiet: bool
    """No animation: the terminal is at the end of a line that bytes must travel."""


def choose_face(
    environ: Mapping[str, str],
    *,
    ascii_only: bool = False,
    wanted: Literal["dark", "light", "ansi"] | None = None,
) -> Face:
    """The theme and symbols for a terminal, from its environment.

    The terminal's own colours are taken for NO_COLOR, for a terminal of 16 colours, and over SSH, where they
    need the fewest bytes; `wanted` decides otherwise, except against NO_COLOR and 16 colours. ASCII symbols are
    taken where asked for, or where the locale is not UTF-8.
    """
    remote = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"))
    poor = "NO_COLOR" in environ or not _has_many_colors(environ)
    ansi = poor or wanted == "ansi" or (wanted is None and remote)
    light = wanted == "light" or (wanted != "dark" and _is_light(environ))
    return Face(
        theme=("ansi-" if ansi else "evs-") + ("light" if light else "dark"),
        ansi=ansi,
        symbols=ASCII if ascii_only or not _speaks_utf8(environ) else UNICODE,
        quiet=remote,
    )


def dress(app: App[Any], face: Face) -> None:
    """Make our themes known to `app` and put on the one of `face`."""
    app.register_theme(DARK)
    app.register_theme(LIGHT)
    app.theme = face.theme


def _has_many_colors(environ: Mapping[str, str]) -> bool:
    if environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return True
    return environ.get("TERM", "").strip().lower().rpartition("-")[2] in {"256color", "kitty", "direct"}


def _is_light(environ: Mapping[str, str]) -> bool:
    """Whether the terminal says in COLORFGBG that its background is one of the two whites."""
    return environ.get("COLORFGBG", "").rpartition(";")[2] in {"7", "15"}


def _speaks_utf8(environ: Mapping[str, str]) -> bool:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := environ.get(name):
            return value.lower().replace("-", "").partition(".")[2].partition("@")[0] == "utf8"
    return False
