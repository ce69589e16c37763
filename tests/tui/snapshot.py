"""A screen as text that a person can compare: its lines, and under them how the cells of each look."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len
from rich.color import Color, parse_rgb_hex
from rich.style import Style

from evs_tui.tui.app import EvsTuiApp
from evs_tui.tui.theme import DARK, LIGHT

DIRECTORY = Path(__file__).parent / "snapshots"
_ATTRIBUTES = ("bold", "dim", "italic", "underline", "reverse", "strike")
_OF_THEMES = ("background", "foreground", "primary", "accent", "success", "warning", "error")
_CALLED = {"background": "page", "foreground": "text"}
_NAMES: dict[tuple[int, ...], str] = {}
for _theme in (DARK, LIGHT):
    for _name, _value in [*((name, str(getattr(_theme, name))) for name in _OF_THEMES), *_theme.variables.items()]:
        _NAMES.setdefault(tuple(parse_rgb_hex(_value[1:])), _CALLED.get(_name, _name))
"""What the colours of both themes are called in them."""
_PLAIN = {"text on page", "default on default"}


def snapshot_path(name: str, size: tuple[int, int]) -> Path:
    """Where the snapshot of a view is kept."""
    return DIRECTORY / f"{name}-{size[0]}x{size[1]}.txt"


def snapshot_of(app: EvsTuiApp) -> str:
    """The screen as text: each line between bars, then for each line its runs of cells that are not plain text."""
    strips = app.screen._compositor.render_strips(app.size)
    shown = [f"|{''.join(part.text for part in strip)}|" for strip in strips]
    looks = [f"{number:2} {'; '.join(_runs(strip))}".rstrip() for number, strip in enumerate(strips)]
    return "\n".join([*shown, "", *looks, ""])


def _runs(strip: object) -> Iterator[str]:
    at = 0
    for look, parts in groupby(strip, key=lambda part: _look(part.style or Style.null())):  # type: ignore[call-overload]
        width = sum(cell_len(part.text) for part in parts)
        if look not in _PLAIN:
            yield f"{at}-{at + width - 1} {look}"
        at += width


def _look(style: Style) -> str:
    attributes = [name for name in _ATTRIBUTES if getattr(style, name)]
    return " ".join([_color(style.color), "on", _color(style.bgcolor), *attributes])


def _color(color: Color | None) -> str:
    if color is None or color.is_default:
        return "default"
    if color.triplet is None:
        return color.name
    for ours, name in _NAMES.items():
        # Textual's own arithmetic may be out by one.
        if all(abs(one - other) <= 1 for one, other in zip(ours, color.triplet, strict=True)):
            return name
    return color.triplet.hex
