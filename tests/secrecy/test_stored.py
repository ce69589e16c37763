"""The passphrase of the encrypted file and what it keeps: neither is in the file, in a log or in what is said."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from evs_tui.credentials.stores.encrypted_file import EncryptedFile
from evs_tui.failure import Failure
from evs_tui.logs import start_logging, stop_logging
from evs_tui.secret import MASK, Secret
from tests.secrecy.traces import Traces

PASSPHRASE = "canary passphrase of 24 characters"
KEPT = "Canary-kept-password-0815"


def test_neither_the_passphrase_nor_what_it_keeps_is_readable_anywhere(traces: Traces) -> None:
    path = traces.home / "state" / "credentials.enc"
    start_logging(traces.home / "log", debug_log=traces.home / "debug.log")
    try:
        store = EncryptedFile(path)
        store.unlock(Secret(PASSPHRASE))
        store.write("0123456789abcdef", Secret(KEPT))
        again = EncryptedFile(path)
        with pytest.raises(Failure) as refused:
            again.unlock(Secret(f"not the {PASSPHRASE}"))
        again.unlock(Secret(PASSPHRASE))
        kept = again.read("0123456789abcdef")
        assert kept == Secret(KEPT)
        told = f"{refused.value} {refused.value.advice} {store!r} {vars(again)} {kept}"
        logging.getLogger("evs_tui.careless").debug("bare %s %s %s", PASSPHRASE, KEPT, told)
    finally:
        stop_logging()
    assert MASK in traces.text("debug.log")
    assert path in [Path(place) for place in traces.everywhere()]
    traces.shown["told"] = told.encode()
    traces.check(PASSPHRASE, KEPT)
