"""The app: themes, the keys that work everywhere, the main screens, and what happens when something breaks.

Everything that takes time runs on the core's loop; here it is only asked for and shown.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen
from textual.worker import WorkerFailed

from evs_tui.cloud.auth.passcode import PasscodeNeeded
from evs_tui.exports.model import Choices
from evs_tui.failure import ConfigFailure, ExitCode, Failure
from evs_tui.hygiene import redirect_stderr_to
from evs_tui.secret import Secret
from evs_tui.tui.clipboard import clipboard_sequence
from evs_tui.tui.desk import Desk, Follower, Topic
from evs_tui.tui.driver import driver_that_tells
from evs_tui.tui.ending import Ending
from evs_tui.tui.finish import POP_TITLE, FinishSignal
from evs_tui.tui.keys import APP_KEYS, checked_keymap
from evs_tui.tui.screens.main import MainScreen
from evs_tui.tui.screens.small import SmallWindow, is_too_small
from evs_tui.tui.screens.volumes import VolumesScreen
from evs_tui.tui.theme import ANSI_VARIABLES, Face, choose_face, dress
from evs_tui.tui.widgets.entry import Entry
from evs_tui.workspace import Workspace

log = logging.getLogger("evs_tui.tui")


class EvsTuiApp(App[None]):
    """The terminal UI over one workspace."""

    TITLE = "evs-tui"
    BINDINGS: ClassVar[list[BindingType]] = [
        *APP_KEYS,
        Binding("ctrl+c", "help_quit", show=False, system=True),
        Binding("ctrl+z", "suspend_process", show=False, id="app.suspend"),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (120, "-wide")]  # noqa: RUF012 - Textual's own type
    DEFAULT_CSS = """
    Page { overflow: hidden; }
    """

    def __init__(
        self,
        workspace: Workspace,
        face: Face,
        *,
        volume_id: str | None = None,
        filter_text: str = "",
        driver: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver, ansi_color=face.ansi or None)
        # Before anything is mounted: a change of theme reads all styles again.
        dress(self, face)
        self.symbols = face.symbols
        self.desk = Desk(workspace, self._desk_changed)
        self.finish = FinishSignal(workspace.settings.finish, os.environ.get("TERM", ""), self._write_to_terminal)
        self._volume_id = volume_id
        self._filter_text = filter_text
        self.animation_level = "none"
        self.crash: BaseException | None = None
        """What ended the app unexpectedly."""

    def get_default_screen(self) -> Screen[Any]:
        """The volumes: everything begins with them, and they lie under all other screens."""
        return self._room("volumes")

    def _room(self, name: str) -> Screen[Any]:
        """A main screen. It is made at its first visit, so that the first frame waits for no other."""
        if not self.is_screen_installed(name):
            self.install_screen(self._made(name), name)
        return self.get_screen(name)

    def _made(self, name: str) -> MainScreen:
        if name == "jobs":
            from evs_tui.tui.screens.jobs import JobsScreen

            return JobsScreen(self.desk)
        if name == "images":
            from evs_tui.tui.screens.images import ImagesScreen

            return ImagesScreen(self.desk)
        if name == "activity":
            from evs_tui.tui.screens.activity import ActivityScreen

            return ActivityScreen(self.desk)
        return VolumesScreen(self.desk, filter_text=self._filter_text)

    def on_mount(self) -> None:
        """Show the first frame; only then ask the cloud."""
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        if self.desk.workspace.settings.keymap:
            self._use_keymap(self.desk.workspace.settings.keymap)
        self.call_after_refresh(self.ask_the_cloud)

    def on_resize(self, event: events.Resize) -> None:
        """Cover everything while the window is too small to show it."""
        covered = isinstance(self.screen, SmallWindow)
        if is_too_small(event.size) and not covered:
            self.push_screen(SmallWindow())
        elif covered and not is_too_small(event.size):
            self.pop_screen()

    def _use_keymap(self, wanted: Mapping[str, str]) -> None:
        usable, refused = checked_keymap(wanted)
        self.set_keymap(usable)
        for sentence in refused:
            self.notify(sentence, title="config.toml, [keys]", severity="warning", markup=False)

    def ask_the_cloud(self) -> None:
        """Sign in and read everything, or read again what failed."""
        self.run_worker(self._ask_the_cloud(), group="cloud", exclusive=True)

    async def _ask_the_cloud(self) -> None:
        if not await self.desk.connect():
            self._ask_for_passcode(self.desk.failure, self.ask_the_cloud)
            if _is_about_who_signs_in(self.desk.failure):
                self.action_sign_in()
            return
        self.run_worker(self.desk.follow_jobs(), group="jobs", exclusive=True)
        self.run_worker(self.desk.read_beside_volumes(), group="beside", exclusive=True)
        self.run_worker(self.desk.volumes.follow_passing(), group="passing", exclusive=True)
        if self._volume_id is not None:
            self._open_first_form(self._volume_id)
        await self._read_volumes()

    async def _read_volumes(self) -> None:
        await self.desk.read_volumes()
        self._ask_for_passcode(self.desk.reading.failure, self.read_volumes)

    def _ask_for_passcode(self, failure: Failure | None, go_on: Callable[[], None]) -> None:
        """If that is what is missing: ask for a passcode, and do what failed once more."""
        if not isinstance(failure, PasscodeNeeded):
            return
        from evs_tui.tui.screens.passcode import PasscodeDrawer

        async def answered(passcode: Secret | None) -> None:
            if passcode is not None:
                await self.desk.give_passcode(passcode)
                go_on()

        self.push_screen(PasscodeDrawer(failure.user), answered)

    def _open_first_form(self, volume_id: str) -> None:
        self._volume_id = None
        volumes = self.get_screen("volumes", VolumesScreen)
        volumes.open_form_when_read(volume_id)

    def read_volumes(self) -> None:
        """Read the list again, with what is joined with it."""
        self.run_worker(self._read_volumes(), group="volumes", exclusive=False)
        self.run_worker(self.desk.read_beside_volumes(), group="beside", exclusive=True)

    def _desk_changed(self, topic: Topic, ids: frozenset[str]) -> None:
        if topic == "jobs":
            self.finish.jobs_changed(self.desk.jobs, running=self.desk.running, need_you=self.desk.need_you)
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Follower):
                screen.desk_changed(topic, ids)
            if isinstance(screen, MainScreen):
                return  # what lies under it looks again when it comes back

    def on_key(self, event: events.Key) -> None:
        """Give a field the characters that were typed ahead of it.

        On a slow line keys come several at a time. Textual hands each to what has the focus as it arrives; only then
        does the first of them move the focus. A character that comes back up here while a field has it was not for
        what was focused before.
        """
        field = self.focused
        if isinstance(field, Entry) and event.is_printable and event.character is not None:
            event.prevent_default()
            field.insert_text_at_cursor(event.character)

    def _write_to_terminal(self, sequence: str) -> None:
        if sequence and self._driver is not None:
            self._driver.write(sequence)

    # Keys that work everywhere

    def action_volumes(self) -> None:
        """Go to the volumes."""
        self._go_to("volumes")

    def action_jobs(self) -> None:
        """Go to the jobs."""
        self._go_to("jobs")

    def action_images(self) -> None:
        """Go to the images."""
        self._go_to("images")

    def show_job(self, job_id: str) -> None:
        """Go to the jobs, with the cursor on this one."""
        from evs_tui.tui.screens.jobs import JobsScreen

        self._go_to("jobs")
        self.get_screen("jobs", JobsScreen).go_to_job(job_id)

    def action_activity(self) -> None:
        """Go to the activity."""
        self._go_to("activity")

    def action_sign_in(self) -> None:
        """Choose or make a profile, and sign in with it."""
        from evs_tui.tui.screens.sign_in import SignInScreen

        if not isinstance(self.screen, SignInScreen):
            self.push_screen(SignInScreen(self.desk), self._signed_in)

    def _signed_in(self, changed: bool | None) -> None:
        if changed:
            self._go_to("volumes")
            self.workers.cancel_group(self, "volumes")
            self.ask_the_cloud()

    def show_run(self, run_id: str) -> None:
        """Go to the jobs, with the cursor on the first of this run."""
        from evs_tui.tui.screens.jobs import JobsScreen

        self._go_to("jobs")
        self.get_screen("jobs", JobsScreen).go_to_run(run_id)

    def open_form(self, volume_ids: Collection[str], choices: Choices | None = None) -> bool:
        """Open the export form on these volumes; False where none of them is listed."""
        listing, dialect = self.desk.listing, self.desk.dialect
        volumes = [] if listing is None else listing.volumes(volume_ids)
        if dialect is None or not volumes:
            return False
        from evs_tui.tui.screens.form import ExportForm

        self.push_screen(ExportForm(self.desk, dialect, volumes, choices))
        return True

    def _go_to(self, name: str) -> None:
        while len(self.screen_stack) > 1 and not isinstance(self.screen, MainScreen):
            self.pop_screen()
        wanted = self._room(name)
        if self.screen is wanted:
            return
        if wanted is self.screen_stack[0]:
            self.pop_screen()
        elif len(self.screen_stack) == 1:
            self.push_screen(wanted)
        else:
            self.switch_screen(wanted)

    def action_help(self) -> None:
        """Show the keys of the focused place."""
        from evs_tui.tui.screens.help import HelpDrawer

        if not isinstance(self.screen, HelpDrawer):
            self.push_screen(HelpDrawer.of(self.screen))

    async def action_quit(self) -> None:
        """Leave; asks when jobs are open."""
        from evs_tui.tui.screens.quit import QuitDrawer

        if isinstance(self.screen, QuitDrawer):
            return
        if any(job.is_open for job in self.desk.jobs):
            self.push_screen(QuitDrawer(self.desk), self._quit_answered)
        else:
            self.exit()

    def _quit_answered(self, leave: str | None) -> None:
        if leave == "quit":
            self.exit()

    def action_simulate_key(self, key: str) -> None:  # type: ignore[override]
        """Nothing: no text on the screen may press keys."""

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Nothing: no text on the screen may write files."""

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The commands of the palette."""
        yield SystemCommand("Volumes", "Go to the volumes", self.action_volumes)
        yield SystemCommand("Jobs", "Go to the jobs", self.action_jobs)
        yield SystemCommand("Images", "Go to the images of this project", self.action_images)
        yield SystemCommand("Activity", "Go to the last calls to the cloud", self.action_activity)
        if isinstance(screen, MainScreen):
            yield from screen.commands()
        yield SystemCommand("Sign in", "Choose another profile or project", self.action_sign_in)
        yield SystemCommand("Dark colours", "Light text on a dark ground", lambda: self._wear("evs-dark"))
        yield SystemCommand("Light colours", "Dark text on a light ground", lambda: self._wear("evs-light"))
        yield SystemCommand("Help", "The keys of the place that has the keyboard", self.action_help)
        yield SystemCommand("Quit", "Leave the program", self.action_quit)

    def _wear(self, theme: str) -> None:
        self.theme = theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colour names under the terminal's own colours."""
        return dict(ANSI_VARIABLES)

    def copy(self, text: str) -> bool:
        """See `tui.clipboard`; False where it is off."""
        sequence = clipboard_sequence(text, self.desk.workspace.settings.clipboard, os.environ)
        if sequence and self._driver is not None:
            self._driver.write(sequence)
        return bool(sequence)

    def copy_to_clipboard(self, text: str) -> None:
        """What Textual's own widgets copy goes the same way."""
        self.copy(text)

    # When something breaks

    def _handle_exception(self, error: Exception) -> None:
        self.crash = error.error if isinstance(error, WorkerFailed) else error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Log instead of printing a traceback with the values of local variables, secrets among them."""
        log.error("unexpected error", exc_info=self.crash)
        self._close_messages_no_wait()


def _is_about_who_signs_in(failure: Failure | None) -> bool:
    """Whether another profile or secret may help. A missing passcode has a question of its own."""
    if isinstance(failure, PasscodeNeeded):
        return False
    return isinstance(failure, ConfigFailure) or (failure is not None and failure.exit_code is ExitCode.SIGN_IN)


def run(workspace: Workspace, *, volume: str | None = None, filter: str | None = None) -> int:  # noqa: A002 - the option's name
    """Run the terminal UI until it is left; the exit code.

    While the screen is drawn nothing else may write to the terminal, so descriptor 2 goes to the log. Should the
    app break, the person is told where the report is, after the screen is theirs again.
    """
    options = workspace.options
    poor = (sys.stderr.encoding or "utf-8").lower().replace("-", "") != "utf8"
    face = choose_face(os.environ, ascii_only=options.ascii or poor)
    log_file = None if options.demo else workspace.paths.log_file
    terminal = redirect_stderr_to(log_file)
    ending = Ending(workspace, terminal)
    driver = driver_that_tells(ending.terminal_lost)
    app = EvsTuiApp(workspace, face, volume_id=volume, filter_text=filter or "", driver=driver)
    with ending.in_order():
        app.run()
        if app.finish.took_title:
            terminal.write(POP_TITLE)
        ending.close()
    if app.crash is None:
        return ExitCode.DONE
    where = f"a report is in {log_file}" if log_file is not None else "the demo keeps no report"
    print(f"evs-tui broke: {type(app.crash).__name__}; {where}. Exports that run go on in the cloud.", file=terminal)
    return ExitCode.FAILED
