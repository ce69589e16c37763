"""The keys: each with an id and words, none doing two things in one place, all of them remappable."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from evs_tui.tui import keys
from evs_tui.tui.keys import HINTED, TOGETHER, checked_keymap, key_label

ALL = {str(key.id): key for together in TOGETHER.values() for key in together}


def keys_of(id_: str) -> set[str]:
    return {key.key for key in Binding.make_bindings([ALL[id_]])}


@pytest.mark.parametrize(
    ("id_", "expected"),
    [
        ("app.volumes", {"1"}),
        ("app.jobs", {"2"}),
        ("app.help", {"f1", "question_mark"}),
        ("app.palette", {"ctrl+p"}),
        ("app.quit", {"q"}),
        ("volumes.filter", {"slash"}),
        ("table.mark", {"space"}),
        ("table.mark_all", {"a"}),
        ("table.open", {"enter"}),
        ("volumes.export", {"e"}),
        ("volumes.details", {"i"}),
        ("volumes.sort", {"s"}),
        ("volumes.refresh", {"r"}),
        ("volumes.copy", {"y"}),
        ("table.down", {"down", "j"}),
        ("table.up", {"up", "k"}),
        ("table.first", {"home", "g"}),
        ("table.last", {"end", "G"}),
        ("form.review", {"f2", "ctrl+s"}),
        ("form.copy", {"f3"}),
        ("page.back", {"escape", "ctrl+b", "q"}),
        ("form.next", {"tab"}),
        ("form.previous", {"shift+tab"}),
    ],
)
def test_the_keys_are_those_that_people_were_promised(id_: str, expected: set[str]) -> None:
    assert keys_of(id_) == expected


def test_every_binding_has_an_id_words_and_a_sentence() -> None:
    lists = [value for name, value in vars(keys).items() if name.endswith("_KEYS")]
    for binding in (each for listed in lists for each in listed):
        assert binding.id
        assert binding.description
        assert binding.tooltip.endswith(".")
        assert str(binding.id) in ALL


def test_ids_are_used_once() -> None:
    lists = [value for name, value in vars(keys).items() if name.endswith("_KEYS")]
    ids = [each.id for listed in lists for each in listed if str(each.id) != "page.back"]
    assert len(ids) == len(set(ids))


def test_no_key_does_two_things_in_one_place() -> None:
    for place, together in TOGETHER.items():
        seen: dict[str, str] = {}
        for binding in Binding.make_bindings(together):
            assert seen.setdefault(binding.key, binding.action) == binding.action, (place, binding.key)


def test_letters_are_never_priority_keys() -> None:
    first = {str(key.id): key.key for key in ALL.values() if key.priority}
    assert first.pop("app.quit_anywhere") == "ctrl+q"
    # Between fields: what is typed right behind them must reach the next field.
    assert {key for id_, key in first.items() if id_.endswith((".next", ".previous"))} == {"tab", "shift+tab"}
    assert all(id_.endswith((".next", ".previous")) for id_ in first)


def test_hints_speak_of_bindings_that_exist() -> None:
    assert set(HINTED) <= set(ALL)
    assert len(set(HINTED)) == len(HINTED)


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("escape", "esc"),
        ("question_mark", "?"),
        ("slash", "/"),
        ("ctrl+s", "ctrl+s"),
        ("G", "G"),
        ("f1", "f1"),
        ("space", "space"),
        ("enter", "enter"),
        ("pagedown", "page down"),
    ],
)
def test_keys_are_written_as_people_say_them(key: str, label: str) -> None:
    assert key_label(key) == label


@pytest.mark.parametrize(
    ("wanted", "usable", "refused"),
    [
        ({"volumes.export": "x, f9"}, {"volumes.export": "x,f9"}, []),
        ({"app.help": "?"}, {"app.help": "?"}, []),
        ({"volumes.exprot": "x"}, {}, ['"volumes.exprot" is no action; did you mean volumes.export']),
        ({"nonsense": "x"}, {}, ['"nonsense" is no action']),
        ({"volumes.export": "hyper+x"}, {}, ['"hyper+x" is no key (for volumes.export)']),
        ({"volumes.export": ""}, {}, ['"" is no key (for volumes.export)']),
        ({"volumes.export": "s"}, {}, ['"s" is already volumes.sort (for volumes.export)']),
        ({"volumes.export": "?"}, {}, ['"?" is already app.help (for volumes.export)']),
        ({"volumes.export": "s", "volumes.sort": "e"}, {"volumes.export": "s", "volumes.sort": "e"}, []),
        ({"form.review": "x"}, {}, ['"x" would be typed into a field (for form.review)']),
        ({"form.review": "f9"}, {"form.review": "f9"}, []),
        ({"form.review": "f4"}, {}, ['"f4" is already form.more (for form.review)']),
        ({"review.command": "x"}, {}, ['"x" would be typed into a field (for review.command)']),
        ({"drawer.close": "q"}, {"drawer.close": "q"}, []),
    ],
)
def test_a_keymap_is_taken_as_far_as_it_can_be(
    wanted: dict[str, str], usable: dict[str, str], refused: list[str]
) -> None:
    assert checked_keymap(wanted) == (usable, refused)


def test_two_actions_that_want_the_same_new_key_do_not_both_get_it() -> None:
    usable, refused = checked_keymap({"volumes.export": "f9", "volumes.sort": "f9"})
    assert usable == {"volumes.sort": "f9"}
    assert refused == ['"f9" is already volumes.sort (for volumes.export)']
