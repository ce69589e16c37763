"""An export while it is being filled in: what each field says about its value. The form and the wizard ask here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.models import Volume
from evs_tui.exports.formats import (
    BARE,
    container_format_guidance,
    container_format_problem,
    disk_format_guidance,
    disk_format_problem,
    encryption_problem,
)
from evs_tui.exports.model import Sign
from evs_tui.exports.names import has_undocumented_chinese, name_problem, name_rule, suggested_name
from evs_tui.exports.os_type import OsType, os_type_problem, os_type_rule
from evs_tui.exports.results import result_words, results_in_short
from evs_tui.exports.templates import expanded, name_or_template_problem

_TEMPLATE = "{name}-{date}-{time}"
_LOOKED_AT = 500
"""With more disks than this only the first ones are looked at while somebody types; the plan looks at all."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be said about a value: a rule, with `Sign.WARN` a warning, with `Sign.BAD` why it cannot be used."""

    text: str
    of: Sign | None = None


class Draft:
    """The fields of an export of some volumes, at one moment. Pure: nothing is asked of anybody."""

    def __init__(self, volumes: Sequence[Volume], dialect: Dialect, now: datetime) -> None:
        self.volumes = tuple(volumes)
        self.dialect = dialect
        self.now = now

    @property
    def is_single(self) -> bool:
        """Whether it is about one volume: then the name is no template."""
        return len(self.volumes) == 1

    @property
    def first_name(self) -> str:
        """A name, or for several volumes a template, that the rule accepts."""
        return suggested_name(self.volumes[0], self.dialect, self.now) if self.is_single else _TEMPLATE

    def names(self, text: str) -> list[tuple[Volume, str]]:
        """The name that each volume's image would get; of very many volumes, the first."""
        count = len(self.volumes)
        return [
            (volume, expanded(text, volume, self.dialect, self.now, index=index, count=count))
            for index, volume in enumerate(self.volumes[:_LOOKED_AT], start=1)
        ]

    def name_count(self, text: str) -> str:
        """How long the name is, or the longest of several, and how long it may be."""
        return f"{max(len(name) for _, name in self.names(text))} of {self.dialect.name_limit}"

    def name(self, text: str) -> Said:
        """What is to be said about a name or a template."""
        problem = name_or_template_problem(text, self.dialect)
        if problem is not None:
            return Said(str(problem), Sign.BAD)
        names = self.names(text)
        broken = [(volume, problem) for volume, name in names if (problem := name_problem(name, self.dialect))]
        if broken:
            volume, problem = broken[0]
            said = str(problem) if self.is_single else f"{volume.name or volume.id[:8]}: {problem}"
            return Said(said, Sign.BAD if len(broken) == len(names) else Sign.WARN)
        return self._twins(names) or self._unusual(text)

    def _twins(self, names: Sequence[tuple[Volume, str]]) -> Said | None:
        counts = Counter(name for _, name in names)
        alike = sum(count for count in counts.values() if count > 1)
        if not alike:
            return None
        which = "all names are alike" if alike == len(names) else f"{alike} names come twice"
        return Said(f"{which}: put {{id8}} or {{index}} in", Sign.BAD if alike == len(names) else Sign.WARN)

    def _unusual(self, text: str) -> Said:
        if has_undocumented_chinese(text, self.dialect):
            return Said("Chinese is not in this cloud's documented list", Sign.WARN)
        return Said(name_rule(self.dialect) if self.is_single else "{name} {id8} {date} {time} {index} are filled in")

    def disk_format(self, value: str, container: str = BARE) -> Said:
        """What is to be said about a disk format."""
        problem = disk_format_problem(value, self.dialect)
        if problem is None and all(volume.encrypted for volume in self.volumes):
            problem = encryption_problem(value, container, self.dialect)
        if problem is not None:
            return Said(str(problem), Sign.BAD)
        return Said(disk_format_guidance(value, self.dialect))

    def container(self, value: str) -> Said:
        """What is to be said about a container format. All but bare are taken by hardly any image service."""
        problem = container_format_problem(value, self.dialect)
        if problem is not None:
            return Said(str(problem), Sign.BAD)
        return Said(container_format_guidance(value), None if value == BARE else Sign.WARN)

    @property
    def asks_for_system(self) -> bool:
        """Whether the system type of any of the volumes can be chosen."""
        return any(rule.editable for rule in self._systems(None))

    def system(self, chosen: str | None) -> Said:
        """What is to be said about the system type: why it is sent, inherited, or without effect."""
        if chosen is not None and (problem := os_type_problem(chosen)) is not None:
            return Said(str(problem), Sign.BAD)
        rules = self._systems(chosen)
        warning = next((rule.warning for rule in rules if rule.warning is not None), None)
        if warning is not None:
            count = sum(rule.warning is not None for rule in rules)
            about = "" if self.is_single else "1 disk: " if count == 1 else f"{count} disks: "
            return Said(f"{about}{warning}", Sign.WARN)
        editable = sum(rule.editable for rule in rules)
        if 0 < editable < len(rules):
            return Said(f"for {editable} of {len(rules)} disks; the others cannot be chosen for")
        return Said(rules[0].reason)

    @property
    def system_shown(self) -> str:
        """The type that the images bear where nothing can be chosen."""
        shown = {rule.shown for rule in self._systems(None)}
        return shown.pop() if len(shown) == 1 else "as each disk has it"

    def _systems(self, chosen: str | None) -> list[OsType]:
        return [os_type_rule(volume, self.dialect, chosen) for volume in self.volumes[:_LOOKED_AT]]

    @property
    def result(self) -> tuple[str, ...]:
        """What kind of image comes of it."""
        if self.is_single:
            return result_words(self.volumes[0], self.dialect)
        return (results_in_short(self.volumes, self.dialect),)

    @property
    def previewed(self) -> tuple[Volume, ...]:
        """The volumes that a preview of the plan is made for."""
        return self.volumes[:_LOOKED_AT]
