"""The rule for image names: whether a name may be used, and how to make a usable one from any text."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.models import Volume
from evs_tui.exports.problem import Problem
from evs_tui.text import clean

_HUAWEI_NAME = re.compile(r"[0-9A-Za-z._ \u4e00-\u9fff-]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_SPELLED = {
    "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ẞ": "SS",
    "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "oe", "Ø": "Oe", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
}  # fmt: skip
_SPELLED_NAMES = {" ": "space", "\u00a0": "no-break space", "\u3000": "wide space"}


def name_problem(name: str, dialect: Dialect) -> Problem | None:
    """Why `name` cannot be an image's name on this cloud, or None where it can.

    Huawei-style clouds take 1 to 128 of letters A to Z, digits, `-`, `.`, `_`, space and Chinese (U+4E00 to
    U+9FFF); plain OpenStack takes 1 to 255 characters, of which evs-tui sends only what a terminal can show
    unchanged. No cloud takes a space at either end.
    Source: EVS API, Exporting EVS Disk Data as an Image; Cinder API, Upload volume to image.
    """
    if not name:
        return Problem(f"a name is needed: 1 to {dialect.name_limit} characters")
    if name[0].isspace():
        return _space_problem(name, 1, "start")
    wrong = next((place for place, character in enumerate(name) if not _is_allowed(character, dialect)), None)
    if wrong is not None:
        return _character_problem(name, wrong, dialect)
    if name[-1].isspace():
        return _space_problem(name, len(name), "end")
    if len(name) > dialect.name_limit:
        return Problem(f"{len(name)} characters: at most {dialect.name_limit} are allowed", dialect.name_limit + 1)
    return None


def name_rule(dialect: Dialect) -> str:
    """The rule in a few words, for a field that holds nothing wrong."""
    if not dialect.huawei_style:
        return "anything that a terminal shows, no space at either end"
    return f"letters{', Chinese' if dialect.chinese_names_documented else ''}, digits, - _ . and space inside"


def has_undocumented_chinese(name: str, dialect: Dialect) -> bool:
    """Whether `name` has Chinese characters on a cloud whose own pages do not list them: usable, but to be told."""
    return not dialect.chinese_names_documented and _CHINESE.search(name) is not None


def suggested_name(volume: Volume, dialect: Dialect, now: datetime) -> str:
    """A name for the image of `volume` that the rule accepts: the volume's own, fitted, with UTC date and time."""
    stamp = now.astimezone(UTC).strftime("-%Y%m%d-%H%M")
    return name_of(volume, dialect, dialect.name_limit - len(stamp)) + stamp


def name_of(volume: Volume, dialect: Dialect, limit: int) -> str:
    """The volume's name fitted to the rule, at most `limit` characters; `disk-` and its short id where it has none."""
    return fit_name(volume.name, dialect, limit) or f"disk-{volume.id[:8]}"[: max(0, limit)]


def fit_name(text: str, dialect: Dialect, limit: int) -> str:
    """`text` made into a valid name of at most `limit` characters, or "" where nothing of it can be kept.

    A valid name stays as it is. Otherwise letters lose their accents (`ü` becomes `ue`, `é` becomes `e`), each
    run of other characters becomes one `-`, and none of these is left at either end.
    """
    if any(not _is_allowed(character, dialect) for character in text):
        pieces = [_respelled(character, dialect) for character in unicodedata.normalize("NFC", text)]
        # A lost character is None until the ends are cut, so that a "-" of the name's own is kept there.
        while pieces and pieces[0] in {None, " "}:
            pieces.pop(0)
        while pieces and pieces[-1] in {None, " "}:
            pieces.pop()
        text = "".join(
            piece if piece is not None else "-"
            for place, piece in enumerate(pieces)
            if piece is not None or pieces[place - 1] is not None
        )
    return text.strip()[: max(0, limit)].rstrip()


def shown_character(character: str) -> str:
    """`character` made visible: itself in quotes where it shows, else its number, e.g. `U+202E`."""
    if character in _SPELLED_NAMES:
        return _SPELLED_NAMES[character]
    if clean(character) != character or character.isspace() or _is_mark(character[0]):
        return " ".join(f"U+{ord(part):04X}" for part in character)
    return f'"{character}"'


def _is_allowed(character: str, dialect: Dialect) -> bool:
    if dialect.huawei_style:
        return _HUAWEI_NAME.fullmatch(character) is not None
    return clean(character) == character


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _respelled(character: str, dialect: Dialect) -> str | None:
    """What stands for `character` in a name, or None where nothing does."""
    if _is_allowed(character, dialect):
        return character
    if character.isspace():
        return " "
    spelled = _SPELLED.get(character)
    if spelled is None:
        plain = (part for part in unicodedata.normalize("NFKD", character) if not _is_mark(part))
        spelled = "".join(_SPELLED.get(part, part) for part in plain)
    return (
        spelled if spelled and not spelled.isspace() and all(_is_allowed(part, dialect) for part in spelled) else None
    )


def _character_problem(name: str, place: int, dialect: Dialect) -> Problem:
    character = name[place]
    if _is_mark(character) and place:
        # An accent typed as a mark of its own: the person sees one letter, so that letter is named.
        place -= 1
        character = name[place : place + 2]
    shown = shown_character(character)
    if dialect.huawei_style:
        # To somebody who typed "ü" it is a letter: then the letters are named.
        letters = "A-Z a-z, Chinese" if dialect.chinese_names_documented else "A-Z a-z"
        allowed = f"only {letters if character[0].isalpha() else 'letters'}, digits, - _ . and space"
    else:
        allowed = "only characters that a terminal shows"
    instead = _respelled(unicodedata.normalize("NFC", character)[0], dialect)
    bare = character if shown[0] == '"' else shown
    hint = f"{bare} → {'space' if instead == ' ' else instead or '-'}"
    return Problem(f"{shown} at place {place + 1}: {allowed}", place + 1, clean(character), hint)


def _space_problem(name: str, position: int, where: str) -> Problem:
    character = name[position - 1]
    return Problem(f"{shown_character(character)} at the {where}: not allowed there", position, character, "remove it")
