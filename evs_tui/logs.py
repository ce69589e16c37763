"""The program's log: rotated, closed to other users, and free of secrets whatever a library puts into a message."""

from __future__ import annotations

import logging
import os
import re
from io import BufferedWriter, RawIOBase, TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from evs_tui.failure import ConfigFailure, UsageFailure
from evs_tui.files import open_private, private_directory
from evs_tui.secret import MASK, redact
from evs_tui.text import clean

LOGGER = "evs_tui"
_LARGEST = 1024 * 1024
_KEPT = 3
# At INFO httpx logs whole URLs, at DEBUG httpcore logs the header that carries a new token.
_TALKATIVE = ("httpx", "httpcore")
_FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(process)d %(name)s: %(message)s"
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"

_HEADERS = r"x-auth-token|x-subject-token|x-security-token|proxy-authorization|authorization|set-cookie|cookie"
_KEYS = r"password|passcode|secret|secret_key|secretkey|access_key|token|securitytoken|security_token|signature|sk"
_QUOTED = r"b?\"(?:[^\"\\]|\\.)*\"|b?'(?:[^'\\]|\\.)*'"
_HEADER_VALUE = re.compile(rf"(?i)\b({_HEADERS})(\\?[\"']?\s*[:=,]\s*)({_QUOTED}|[^\r\n]+)")
_QUERY_VALUE = re.compile(rf"(?i)([?&;](?:[a-z-]+-)?(?:{_KEYS})=)[^&;\s\"'<>]+")
_QUOTED_VALUE = re.compile(rf"(?i)([\"'](?:{_KEYS})[\"']\s*:\s*|\b(?:{_KEYS})=)({_QUOTED})")


def safe_text(text: str) -> str:
    """`text` without secrets and without anything a terminal could obey; its lines stay lines.

    Known secrets are found by their value, others by the header, query key or field that carries them.
    """
    text = redact(text)
    text = _HEADER_VALUE.sub(rf"\1\2{MASK}", text)
    text = _QUERY_VALUE.sub(rf"\1{MASK}", text)
    text = _QUOTED_VALUE.sub(rf"\1{MASK}", text)
    return "\n".join(clean(line) for line in text.split("\n"))


def start_logging(log_file: Path | None, *, debug_log: Path | None = None) -> None:
    """Send everything this process logs to `log_file` (from WARNING on) and to `debug_log` (everything of ours).

    `log_file` appears with its first line, rotated at 1 MiB with three old ones kept; None leaves no file
    behind. Whatever cannot be written there is dropped in silence. May be called again; the last call counts.

    Raises:
        UsageFailure: `debug_log` cannot be written, or is a symbolic link.
    """
    stop_logging()
    handlers: list[logging.Handler] = [] if log_file is None else [_LogFile(log_file)]
    if debug_log is not None:
        handlers.append(_DebugLog(debug_log))
    for handler in handlers or [logging.NullHandler()]:
        handler.setFormatter(_SafeFormatter(_FORMAT, _TIME_FORMAT))
        for name in (None, LOGGER, *_TALKATIVE):
            logging.getLogger(name).addHandler(handler)
        _started.append(handler)
    logging.getLogger(LOGGER).setLevel(logging.DEBUG if debug_log is not None else logging.WARNING)
    logging.getLogger(LOGGER).propagate = False
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
        logging.getLogger(name).propagate = False


def stop_logging() -> None:
    """Undo `start_logging` and close its files."""
    while _started:
        handler = _started.pop()
        for name in (None, LOGGER, *_TALKATIVE):
            logging.getLogger(name).removeHandler(handler)
        handler.close()
    for name in (LOGGER, *_TALKATIVE):
        logging.getLogger(name).setLevel(logging.NOTSET)
        logging.getLogger(name).propagate = True


_started: list[logging.Handler] = []


class SafeStream(TextIOWrapper):
    """A stream that frees each piece of text written to it of secrets; see `safe_text`."""

    def __init__(self, raw: RawIOBase) -> None:
        super().__init__(BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)

    def write(self, text: str, /) -> int:
        """See `TextIOWrapper.write`; the length counted is the length given."""
        super().write(safe_text(text))
        return len(text)


class _SafeFormatter(logging.Formatter):
    """Works on the finished text, so that the words of exceptions and their causes pass through it too."""

    def format(self, record: logging.LogRecord) -> str:
        return safe_text(super().format(record))


class _LogFile(RotatingFileHandler):
    """A file of our own that is opened by its first line."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8", delay=True)
        self.setLevel(logging.WARNING)

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        private_directory(path.parent)
        return _appending(path)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """A log that cannot be written must not disturb the work, nor the screen."""


class _DebugLog(logging.StreamHandler[TextIOWrapper]):
    """The file that a person named."""

    def __init__(self, path: Path) -> None:
        try:
            stream = _appending(path)
        except ConfigFailure as failure:
            raise UsageFailure("The debug log cannot be written", str(failure), "name another file") from failure
        super().__init__(stream)

    def close(self) -> None:
        self.acquire()
        try:
            self.stream.close()
        finally:
            self.release()
        super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """See `_LogFile.handleError`."""


def _appending(path: Path) -> TextIOWrapper:
    descriptor = open_private(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")
