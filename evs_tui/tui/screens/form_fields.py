"""The fields of the export form, from the top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.widget import Widget

from evs_tui.exports.draft import Draft, Said
from evs_tui.exports.model import Choices
from evs_tui.exports.os_type import OS_TYPES
from evs_tui.exports.ways import WORDS, Servers, way_of, ways_for
from evs_tui.tui.content import Line
from evs_tui.tui.widgets.choices import Choice, Fixed, Option
from evs_tui.tui.widgets.field_line import LABEL, VALUE, Remark
from evs_tui.tui.widgets.fields import TextField
from evs_tui.tui.widgets.sheet import Sheet


def fields_of(draft: Draft, first: Choices, servers: Servers, *, forced: bool) -> Iterator[Widget]:
    """The fields with what they hold at first. `forced`: disks whose servers are off go with force."""
    dialect, single = draft.dialect, draft.is_single
    yield TextField(
        "Image name" if single else "Image names",
        first.name,
        check=lambda text: _remark(draft.name(text)),
        counter=draft.name_count,
        id="name",
    )
    disk_format = first.disk_format or dialect.preferred_format
    yield Choice("Disk format", dialect.disk_formats, disk_format, remark_below=True, id="format")
    yield from _container(draft, first.container_format or "bare")
    if draft.asks_for_system:
        yield Choice("System", OS_TYPES, first.os_type or "linux", remark_below=True, id="system")
    else:
        yield Fixed("System", draft.system_shown, remark_below=True, id="system-fixed")
    if ways := ways_for(draft.volumes, servers):
        options = [Option(way.value, WORDS[way]) for way in ways]
        yield Choice("Servers", options, (way_of(first) or ways[0]).value, remark_below=True, id="servers")
    elif forced:
        names = "its server is off" if single else "for disks whose servers are off"
        yield Fixed("Force", "true", f"attached, and {names}")
    yield Sheet(_result_lines(draft.result), id="result", classes="-auto")


def _container(draft: Draft, value: str) -> Iterator[Widget]:
    """Hardly anybody changes it, so it takes no part in going from field to field until it is asked for."""
    fixed = Fixed("Container", "bare", "f4 offers the others", id="container-fixed")
    choice = Choice("Container", draft.dialect.container_formats, value, id="container")
    fixed.display, choice.display = value == "bare", value != "bare"
    yield fixed
    yield choice


def _remark(said: Said) -> Remark:
    return Remark(said.text, said.of)


def _result_lines(words: Sequence[str]) -> list[Line]:
    first, *rest = words
    lines = [Line.placed((LABEL, "Result", "muted"), (VALUE, first, "text"))]
    return [*lines, *(Line.placed((VALUE, text, "text")) for text in rest)]
