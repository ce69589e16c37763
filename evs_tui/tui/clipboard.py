"""Sends text to the clipboard of the terminal that the person sits at (OSC 52), which also works over SSH.

Whether the text arrives there is the terminal's business and is told to nobody: it is "sent to the terminal", never
"copied".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Literal, get_args

from evs_tui.exports.model import Sign

Way = Literal["auto", "raw", "tmux", "off"]
"""How text is sent: as it is; wrapped so that tmux hands it on; as suits the terminal; not at all."""

WAYS: tuple[Way, ...] = get_args(Way)


def clipboard_sequence(text: str, way: str, environ: Mapping[str, str]) -> str:
    """What to write to the terminal so that it takes `text` into its clipboard; empty for `off`.

    tmux takes the plain sequence where `set-clipboard` is on, and hands the wrapped one on where `allow-passthrough`
    is: `auto` sends both inside tmux, for either alone does nothing in the other setting.
    """
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    plain = f"\x1b]52;c;{encoded}\x07"
    wrapped = "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if way == "off":
        return ""
    if way == "tmux":
        return wrapped
    return plain + wrapped if way == "auto" and environ.get("TMUX") else plain


def sending_words(sent: bool, what: str) -> tuple[str, Sign]:
    """What to say after an attempt to send `what`."""
    if sent:
        return f"Sent to the terminal: {what}", Sign.NONE
    return "Not sent: clipboard is off in config.toml.", Sign.WARN
