"""Every key of the program: what it does, in words, under an id by which a user's keymap can change it.

Single letters act only where no text field has the keyboard, because a field takes them as text. What must work
there too has a function key or a key with ctrl beside its letter.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from textual.binding import Binding
from textual.keys import Keys, key_to_character


def _key(
    id: str,  # noqa: A002 - Textual's name
    keys: str,
    action: str,
    words: str,
    tooltip: str,
    *,
    priority: bool = False,
) -> Binding:
    return Binding(keys, action, words, id=id, tooltip=tooltip, show=False, priority=priority)


APP_KEYS: list[Binding] = [
    _key("app.volumes", "1", "volumes", "volumes", "Go to the volumes."),
    _key("app.jobs", "2", "jobs", "jobs", "Go to the jobs: what runs, what waits for you, what has ended."),
    _key("app.images", "3", "images", "images", "Go to the images of this project, and which jobs made them."),
    _key("app.activity", "4", "activity", "activity", "Go to the activity: the last calls to the cloud."),
    _key("app.sign_in", "p", "sign_in", "profile", "Choose another profile or project."),
    _key("app.help", "question_mark,f1", "help", "help", "Show the keys of the place that has the keyboard."),
    _key("app.palette", "ctrl+p", "command_palette", "all commands", "Find a command by its name."),
    _key("app.quit", "q", "quit", "quit", "Leave the program; it asks when runs are open."),
    _key("app.quit_anywhere", "ctrl+q", "quit", "quit", "Leave the program, also from a text field.", priority=True),
]

TABLE_KEYS: list[Binding] = [
    _key("table.open", "enter", "open", "open", "Choose the row under the cursor."),
    _key("table.mark", "space", "mark", "mark", "Mark the row or unmark it, and go down."),
    _key("table.mark_all", "a", "mark_all", "mark all", "Mark all rows shown; unmark them if they all are marked."),
    _key("table.mark_range", "m", "mark_range", "mark to here", "Mark all rows from the last one marked to this one."),
    _key("table.mark_down", "shift+down", "mark_on(1)", "mark down", "Mark this row and the one below, and go there."),
    _key("table.mark_up", "shift+up", "mark_on(-1)", "mark up", "Mark this row and the one above, and go there."),
    _key("table.mark_none", "u", "mark_none", "unmark all", "Unmark everything, also what the filter hides."),
    _key("table.up", "up,k", "move(-1)", "up", "Go to the row above."),
    _key("table.down", "down,j", "move(1)", "down", "Go to the row below."),
    _key("table.page_up", "pageup", "page(-1)", "page up", "Go up by one screen."),
    _key("table.page_down", "pagedown", "page(1)", "page down", "Go down by one screen."),
    _key("table.first", "home,g", "first", "top", "Go to the first row."),
    _key("table.last", "end,G", "last", "bottom", "Go to the last row."),
]

VOLUMES_KEYS: list[Binding] = [
    _key("volumes.export", "e", "export", "export", "Export the marked volumes, else the one under the cursor."),
    _key("volumes.filter", "slash", "filter", "filter", "Type words; only rows with all of them stay."),
    _key("volumes.details", "i", "details", "details", "Show all that is known about the volume."),
    _key("volumes.sort", "s", "sort", "sort", "Sort by another column; once more turns the order round."),
    _key("volumes.turn", "S", "turn", "turn order", "Turn the order of the sorted column round."),
    _key("volumes.refresh", "r", "refresh", "ask again", "Ask the cloud again."),
    _key("volumes.copy", "y", "copy_id", "copy id", "Send the id of the volume to the terminal's clipboard."),
    _key("volumes.clear", "escape", "clear_filter", "clear filter", "Show all rows again."),
]

IMAGES_KEYS: list[Binding] = [
    _key("images.filter", "slash", "filter", "filter", "Type words; only rows with all of them stay."),
    _key("images.details", "i", "details", "details", "Show all that is known about the image."),
    _key("images.job", "o", "job", "its job", "Go to the job that made the image."),
    _key("images.sort", "s", "sort", "sort", "Sort by another column; once more turns the order round."),
    _key("images.refresh", "r", "refresh", "ask again", "Ask the cloud again."),
    _key("images.copy", "y", "copy_id", "copy id", "Copy the id of the image to the clipboard."),
    _key("images.clear", "escape", "clear_filter", "clear filter", "Show all rows again."),
]

FILTER_KEYS: list[Binding] = [
    _key(
        "filter.complete", "tab", "complete", "complete", "Take what is offered behind the cursor; right does so too."
    ),
    _key("filter.leave", "enter,down", "leave", "to the list", "Go to the rows; the filter stays."),
    _key("filter.clear", "escape", "clear", "clear", "Clear the filter and go to the rows."),
]

JOB_KEYS: list[Binding] = [
    _key("jobs.adopt", "a", "adopt", "adopt", "An image found is this export's: choose it and watch it."),
    _key("jobs.not_ours", "n", "not_ours", "not its", "No image is this export's: close the job."),
    _key("jobs.resume", "s", "resume", "go on", "Go on with a job whose process ended, or watch it again."),
    _key("jobs.restore", "b", "restore", "start again", "Start the servers again that the run of a job stopped."),
    _key("jobs.retry", "e", "retry", "export again", "Make a new job with the same request, reviewed first."),
    _key("jobs.cancel", "x", "cancel", "cancel", "Cancel an export that was not sent yet."),
    _key("jobs.look", "r", "look", "look again", "Ask the cloud about this job now."),
    _key("jobs.unwatch", "u", "unwatch", "stop watching", "Leave the export to itself; it goes on in the cloud."),
    _key("jobs.copy", "y", "copy_id", "copy image id", "Send the id of the image to the terminal's clipboard."),
    _key("jobs.receipt", "w", "receipt", "receipt", "Read the receipt; write it to a file or copy it."),
    _key("jobs.forget", "F", "forget", "forget", "Remove an ended job from the journal."),
]

JOBS_KEYS: list[Binding] = [
    _key("jobs.filter", "slash", "filter", "filter", "Type words; only rows with all of them stay."),
    _key("jobs.clear", "escape", "clear_filter", "clear filter", "Show all rows again."),
    _key("jobs.history", "h", "history", "history", "Show every job ever, or only those of the last day."),
    _key("jobs.write", "W", "write_history", "write history", "Write the jobs shown to a file, as CSV or JSON."),
]

ACTIVITY_KEYS: list[Binding] = [
    _key("activity.filter", "slash", "filter", "filter", "Type words; only calls with all of them stay."),
    _key("activity.details", "i", "details", "details", "Show all that is kept of the call."),
    _key("activity.follow", "f", "follow", "follow", "Show new calls as they are made, or stop doing so."),
    _key("activity.write", "w", "write", "write to file", "Write the calls to a file, without secrets."),
    _key("activity.refresh", "r", "refresh", "show new calls", "Show the calls made meanwhile."),
    _key("activity.clear", "escape", "clear_filter", "clear filter", "Show all calls again."),
]

PAGE_KEYS: list[Binding] = [
    _key("page.back", "escape,ctrl+b,q", "back", "back", "Go back; nothing is sent."),
]

# The keys between fields go before all others: what is typed right behind them, or comes in one piece over a slow line,
# must reach the next field, which may be the only one that hides what is typed.
FORM_KEYS: list[Binding] = [
    _key("form.next", "tab", "app.focus_next", "next", "Go to the next field.", priority=True),
    _key("form.previous", "shift+tab", "app.focus_previous", "previous", "Go to the field before.", priority=True),
    _key("form.review", "f2,ctrl+s", "review", "review", "Check every field and show the plan."),
    _key("form.copy", "f3", "command", "as command", "Show the request as JSON, curl, openstack, cinder and evs-tui."),
    _key("form.more", "f4", "more", "more fields", "Offer the fields that are seldom changed: the container format."),
    _key("form.page_down", "pagedown", "scroll(1)", "more", "Show what follows of the plan."),
    _key("form.page_up", "pageup", "scroll(-1)", "up", "Show what comes before of the plan."),
    *PAGE_KEYS,
]

SIGN_IN_KEYS: list[Binding] = [
    _key("sign_in.next", "tab", "app.focus_next", "next", "Go to the next field.", priority=True),
    _key("sign_in.previous", "shift+tab", "app.focus_previous", "previous", "Go to the field before.", priority=True),
    _key("sign_in.sign_in", "ctrl+s,f2", "sign_in", "sign in", "Sign in with what the fields hold."),
    _key("sign_in.test", "ctrl+t", "test", "test", "Try it step by step: name, TLS, login, project, rights."),
    _key("sign_in.projects", "f5", "projects", "list projects", "List the projects of whoever is signed in."),
    _key("sign_in.back", "escape,ctrl+b", "back", "back", "Leave everything as it was."),
]

REVIEW_KEYS: list[Binding] = [
    _key("review.next", "tab", "app.focus_next", "next button", "Go to the next button."),
    _key("review.previous", "shift+tab", "app.focus_previous", "previous button", "Go to the button before."),
    _key("review.copy", "y", "copy", "copy plan", "Copy the plan to the clipboard."),
    _key("review.command", "f3", "command", "as command", "Show the requests as JSON, curl and other commands."),
    _key("review.page_down", "pagedown", "scroll(1)", "more", "Show what follows of the plan."),
    _key("review.page_up", "pageup", "scroll(-1)", "up", "Show what comes before of the plan."),
    *PAGE_KEYS,
]

COMMAND_KEYS: list[Binding] = [
    _key("command.copy", "y,f3", "copy", "copy", "Send what is shown to the terminal's clipboard."),
    _key("command.down", "down,j", "scroll(1)", "down", "Show the line below."),
    _key("command.up", "up,k", "scroll(-1)", "up", "Show the line above."),
    _key("command.page_down", "pagedown,space", "scroll(10)", "more", "Go down by ten lines."),
    _key("command.page_up", "pageup", "scroll(-10)", "page up", "Go up by ten lines."),
    *PAGE_KEYS,
]

CHOICE_KEYS: list[Binding] = [
    _key("choice.previous", "left", "step(-1)", "change", "Take the choice before; the first letter of one takes it."),
    _key("choice.next", "right", "step(1)", "change", "Take the next choice; the first letter of one takes it."),
]

PRESS_KEYS: list[Binding] = [
    _key("press.press", "enter,space", "press", "press", "Do what the button says."),
]

PRESS_ROW_KEYS: list[Binding] = [
    _key("buttons.previous", "left,up", "app.focus_previous", "previous button", "Go to the button before."),
    _key("buttons.next", "right,down", "app.focus_next", "next button", "Go to the next button."),
]

DRAWER_KEYS: list[Binding] = [
    _key("drawer.next", "tab", "next(1)", "next", "Go to the next button."),
    _key("drawer.previous", "shift+tab", "next(-1)", "previous", "Go to the button before."),
    _key("drawer.close", "escape", "close", "close", "Close it and change nothing."),
    _key("drawer.up", "up,k", "scroll(-1)", "up", "Show the lines above."),
    _key("drawer.down", "down,j", "scroll(1)", "more", "Show the lines below."),
    _key("drawer.page_up", "pageup", "scroll(-10)", "page up", "Go up by ten lines."),
    _key("drawer.page_down", "pagedown", "scroll(10)", "page down", "Go down by ten lines."),
]

DETAILS_KEYS: list[Binding] = [
    _key("details.copy", "y", "copy(0)", "copy id", "Send the id of the volume to the terminal's clipboard."),
    *(
        _key(f"details.copy_{key}", key, f"copy({key})", "copy other id", f"Send the id that has a {key} beside it.")
        for key in "123456789"
    ),
]

_WITHOUT_MARKS = [key for key in TABLE_KEYS if not str(key.id).startswith("table.mark")]
"""Those of a list without marks."""

TOGETHER: Mapping[str, Sequence[Binding]] = {
    "volumes": [*TABLE_KEYS, *VOLUMES_KEYS, *APP_KEYS],
    "filter": [*FILTER_KEYS, *APP_KEYS],
    "jobs": [*_WITHOUT_MARKS, *JOB_KEYS, *JOBS_KEYS, *APP_KEYS],
    "images": [*_WITHOUT_MARKS, *IMAGES_KEYS, *APP_KEYS],
    "activity": [*_WITHOUT_MARKS, *ACTIVITY_KEYS, *APP_KEYS],
    "job": [*JOB_KEYS, *PAGE_KEYS],
    "form": [*CHOICE_KEYS, *FORM_KEYS, *APP_KEYS[:-2]],
    "sign-in": [*CHOICE_KEYS, *SIGN_IN_KEYS, *APP_KEYS[:-2]],
    "review": [*PRESS_KEYS, *PRESS_ROW_KEYS, *REVIEW_KEYS, *APP_KEYS[:-2]],
    "command": [*CHOICE_KEYS, *COMMAND_KEYS, *APP_KEYS[:-2]],
    "drawer": [*PRESS_KEYS, *DRAWER_KEYS],
    "details": [*DRAWER_KEYS, *DETAILS_KEYS],
}
"""The keys that are active at the same time, by place: within one, no two actions may share a key."""

HINTED: Sequence[str] = (
    "filter.complete",
    "filter.leave",
    "filter.clear",
    "form.next",
    "sign_in.next",
    "sign_in.test",
    "sign_in.sign_in",
    "sign_in.projects",
    "table.open",
    "jobs.adopt",
    "jobs.not_ours",
    "jobs.restore",
    "jobs.resume",
    "jobs.retry",
    "jobs.cancel",
    "table.mark",
    "volumes.filter",
    "volumes.clear",
    "volumes.details",
    "volumes.sort",
    "volumes.refresh",
    "images.job",
    "images.filter",
    "images.details",
    "images.copy",
    "images.clear",
    "images.sort",
    "images.refresh",
    "activity.write",
    "activity.follow",
    "activity.filter",
    "jobs.look",
    "jobs.receipt",
    "jobs.copy",
    "jobs.clear",
    "jobs.filter",
    "jobs.history",
    "jobs.unwatch",
    "jobs.write",
    "jobs.forget",
    "form.review",
    "form.copy",
    "command.copy",
    "form.page_down",
    "review.next",
    "drawer.next",
    "press.press",
    "page.back",
    "form.more",
    "review.page_down",
    "review.copy",
    "details.copy",
    "details.copy_1",
    "review.command",
    "command.page_down",
    "drawer.down",
    "drawer.close",
    "sign_in.back",
    "choice.next",
    "app.help",
    "app.quit",
    "app.quit_anywhere",
)
"""What the line of hints offers where it is active, the most useful first; the last two stay longest."""

_LABELS: Mapping[str, str] = {"escape": "esc", "slash": "/", "pageup": "page up", "pagedown": "page down"}
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "meta"})
_NAMES = frozenset(key.value for key in Keys) | {"slash", "question_mark", "space", "full_stop", "comma", "colon"}
_FUNCTION_KEY = re.compile(r"f([1-9]|1\d|2[0-4])")
_WITH_FIELDS = ("filter", "form", "sign-in", "review")


def key_label(key: str) -> str:
    """A key as it is written on the screen: `esc`, `?`, `ctrl+s`."""
    *modifiers, name = key.split("+")
    character = None if modifiers else key_to_character(name)
    if character is not None and character.isprintable() and not character.isspace():
        return character
    return "+".join([*modifiers, _LABELS.get(name, name)])


def checked_keymap(wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The part of a user's keymap that can be used, for `App.set_keymap`, and a sentence for each entry that cannot.

    `wanted` maps ids of bindings to a key or to several, separated by commas. An entry is refused for an
    unknown id, an unknown key, a key that does something else in the same place, and a single character where
    text is typed.
    """
    known = {str(key.id): key for keys in TOGETHER.values() for key in keys}
    usable: dict[str, str] = {}
    refused: list[str] = []
    for id_, keys in wanted.items():
        if id_ not in known:
            near = difflib.get_close_matches(id_, known, n=1)
            refused.append(f'"{id_}" is no action{f"; did you mean {near[0]}" if near else ""}')
        elif unknown := [key for key in _split(keys) if not _is_key(key)] or ([] if _split(keys) else [keys]):
            refused.append(f'"{unknown[0]}" is no key (for {id_})')
        else:
            usable[id_] = ",".join(_split(keys))
    for id_ in list(usable):
        if problem := _clash(id_, usable, known):
            refused.append(problem)
            del usable[id_]
    return usable, refused


def _split(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",") if key.strip()]


def _is_key(key: str) -> bool:
    *modifiers, name = key.split("+")
    if any(modifier not in _MODIFIERS for modifier in modifiers):
        return False
    return len(name) == 1 or name in _NAMES or _FUNCTION_KEY.fullmatch(name) is not None


def _clash(id_: str, usable: Mapping[str, str], known: Mapping[str, Binding]) -> str | None:
    """Why `id_` cannot have its keys, beside the keys of the actions that are active with it."""
    mine = {_normal(key) for key in _split(usable[id_])}
    for place, keys in TOGETHER.items():
        ids = {str(key.id) for key in keys}
        if id_ not in ids:
            continue
        letters = sorted(key_label(key) for key in mine if len(key_label(key)) == 1)
        had_letters = any(len(key_label(_normal(key))) == 1 for key in _split(known[id_].key))
        if place in _WITH_FIELDS and letters and not had_letters:
            return f'"{letters[0]}" would be typed into a field (for {id_})'
        for other in sorted(ids - {id_}):
            if known[other].action == known[id_].action:
                continue
            taken = mine & {_normal(key) for key in _split(usable.get(other, known[other].key))}
            if taken:
                return f'"{key_label(min(taken))}" is already {other} (for {id_})'
    return None


def _normal(key: str) -> str:
    """A key under the name that Textual gives it."""
    return next(iter(Binding.make_bindings([Binding(key, "none")]))).key
