"""A small, strict reading of YAML for files that hold credentials: texts, tables and lists, with their lines.

Built from the parser's events alone, so nothing is ever constructed from a tag. Numbers and dates stay the text they
were written as: an id of digits keeps its zeros.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evs_tui.failure import ConfigFailure
from evs_tui.text import clean, excerpt

if TYPE_CHECKING:
    import yaml

_DEEPEST = 20
_NOTHING = {"", "~", "null", "Null", "NULL"}
_HARMLESS_TAGS = {
    None,
    "!",
    *(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map")),
}


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar. `quoted` ones are never taken for nothing, true or false."""

    value: str
    quoted: bool
    line: int

    @property
    def is_nothing(self) -> bool:
        """Whether this is YAML's null."""
        return not self.quoted and self.value in _NOTHING


@dataclass(frozen=True, slots=True)
class Listing:
    """A sequence."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping whose keys are texts."""

    entries: Mapping[str, Node]
    line: int


Node = Text | Listing | Table


def read_yaml(text: str, name: str) -> Table:
    """The one table that `text` holds; `name` is how messages call the file.

    Raises:
        ConfigFailure: it is no YAML, or uses aliases, tags, duplicate keys, several documents or great depth. The
            message names the line and key, and quotes nothing of the values.
    """
    import yaml

    try:
        return _Reader(text, name).document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        problem = excerpt(error.problem or "it cannot be read", 120)
        raise ConfigFailure(f"{name} cannot be used", f"line {line}: {problem}", "correct that line") from None
    except yaml.YAMLError:
        # Control characters; the error's own words quote the file.
        raise ConfigFailure(f"{name} cannot be used", "it holds characters that YAML does not allow") from None


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._name = name
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=loader)

    def document(self) -> Table:
        import yaml

        root: Node | None = None
        for event in self._events:
            if isinstance(event, (yaml.StreamStartEvent, yaml.DocumentEndEvent, yaml.StreamEndEvent)):
                continue
            if not isinstance(event, yaml.DocumentStartEvent) or root is not None:
                raise self._refused(event, "a second document begins here")
            root = self._node(next(self._events), 0)
        if isinstance(root, Table):
            return root
        raise ConfigFailure(f"{self._name} cannot be used", 'it holds no table; "clouds:" is expected at its top')

    def _node(self, event: yaml.Event, depth: int) -> Node:
        import yaml

        if isinstance(event, yaml.AliasEvent):
            raise self._refused(event, "aliases (*name) are not followed in this file; write the values out")
        if depth > _DEEPEST:
            raise self._refused(event, f"it is nested more than {_DEEPEST} deep")
        line = _line(event)
        if getattr(event, "tag", None) not in _HARMLESS_TAGS:
            raise self._refused(event, "tags (!name) are not used in this file")
        if isinstance(event, yaml.ScalarEvent):
            return Text(event.value, not event.implicit[0], line)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
                items.append(self._node(inner, depth + 1))
            return Listing(tuple(items), line)
        return self._table(depth, line)

    def _table(self, depth: int, line: int) -> Table:
        import yaml

        entries: dict[str, Node] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refused(event, "a key must be a text")
            if event.value in entries:
                raise self._refused(event, f'the key "{excerpt(clean(event.value), 60)}" comes twice')
            entries[event.value] = self._node(next(self._events), depth + 1)
        return Table(entries, line)

    def _refused(self, event: yaml.Event, why: str) -> ConfigFailure:
        return ConfigFailure(f"{self._name} cannot be used", f"line {_line(event)}: {why}")


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return 1 if mark is None else int(mark.line) + 1
