"""What the cloud's error codes mean for a user: a table shipped with the program, read when the first code arrives."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from evs_tui.cloud.errors import ErrorKind


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """The kind of error behind a code and what to do about it, where that is known."""

    kind: ErrorKind
    advice: str | None


@functools.cache
def meanings() -> Mapping[str, CodeMeaning]:
    """The table by code.

    Source: EVS API, Error Codes; IMS API, Error Codes; ECS API, Error Codes; IAM API, Error Codes;
    API Gateway, Error Codes. Codes of calls that this program never makes are left out.
    """
    text = resources.files("evs_tui.cloud").joinpath("error_codes.csv").read_text("utf-8")
    return {
        row["code"]: CodeMeaning(ErrorKind(row["kind"]), row["advice"] or None)
        for row in csv.DictReader(text.splitlines())
    }
