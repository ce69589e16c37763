"""The question for a one-time passcode: typed unseen, sent once, kept nowhere."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from evs_tui.secret import Secret
from evs_tui.tui.content import Line, heading
from evs_tui.tui.keys import DRAWER_KEYS
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.page import ModalPage
from evs_tui.tui.widgets.secret_input import SecretInput
from evs_tui.tui.widgets.sheet import OneLine, Sheet


class PasscodeDrawer(ModalPage[Secret | None]):
    """It ends with the passcode, or with None on `esc`: then nothing is sent."""

    BINDINGS = [*DRAWER_KEYS]  # noqa: RUF012 - Textual's own type
    AUTO_FOCUS = "SecretInput"
    DEFAULT_CSS = """
    PasscodeDrawer, PasscodeDrawer:ansi { align: left bottom; background: transparent; }
    PasscodeDrawer > Vertical { width: 100%; height: auto; background: $panel; }
    PasscodeDrawer Sheet, PasscodeDrawer OneLine { background: $panel; }
    PasscodeDrawer Sheet.-auto { height: auto; }
    PasscodeDrawer SecretInput { margin: 0 3; width: 24; }
    """

    def __init__(self, user: str) -> None:
        super().__init__()
        self._user = user

    def compose(self) -> ComposeResult:
        """Whose passcode, the field, what the keys do."""
        words = (
            Line.placed((3, f"{self._user} signs in with a one-time passcode (MFA).", "text")),
            Line.placed((3, "It is sent once and kept nowhere.", "muted")),
        )
        with Vertical():
            yield OneLine([heading("Passcode")])
            yield Sheet(words, classes="-auto")
            yield SecretInput()
            yield OneLine()
            yield Hints()

    def on_mount(self) -> None:
        """Say what `esc` does."""
        self.query_one(Hints).say({"drawer.close": "do not sign in"})
        self.call_after_refresh(self.refresh_bindings)

    def on_secret_input_entered(self, message: SecretInput.Entered) -> None:
        """Enter: an empty field is no passcode."""
        message.stop()
        if message.secret:
            self.dismiss(message.secret)

    def action_close(self) -> None:
        """Sign in nowhere."""
        self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """There is nothing to scroll, and one field alone."""
        return action not in {"scroll", "next"}
