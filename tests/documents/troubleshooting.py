"""The table of error codes, made from the one that the program ships."""

from __future__ import annotations

from itertools import groupby

from evs_tui.cloud.codes import meanings
from evs_tui.cloud.errors import ErrorKind

_KINDS = {
    ErrorKind.CREDENTIALS: "who signs in is not accepted",
    ErrorKind.EXPIRED: "the token has expired; evs-tui renews it by itself where it can",
    ErrorKind.RIGHTS: "the user may not do this",
    ErrorKind.PROJECT: "the project does not fit",
    ErrorKind.THROTTLED: "too many requests; evs-tui waits and asks again by itself",
    ErrorKind.QUOTA: "a limit of the account is reached",
    ErrorKind.INVALID: "the request cannot be carried out as it is",
    ErrorKind.MISSING: "it is not there",
    ErrorKind.STATE: "its state, or something else going on, forbids it now",
    ErrorKind.SERVER: "a fault in the cloud",
}


def error_codes() -> str:
    """The table in Markdown."""
    rows = sorted(meanings().items(), key=lambda item: (item[0].partition(".")[0], item[0]))
    lines = [
        "# Error codes of the cloud",
        "",
        "Made by `python -m tests.documents` from the table that the program ships. evs-tui shows each code with its",
        "advice; codes that it does not know are shown as they came. A request id, where one came, is what the cloud's",
        "support asks for.",
    ]
    for service, group in groupby(rows, key=lambda item: item[0].partition(".")[0]):
        lines += ["", f"## {service}", "", "| code | means | what to do |", "| --- | --- | --- |"]
        lines += [
            f"| `{code}` | {_KINDS.get(meaning.kind, str(meaning.kind))} | {meaning.advice or '-'} |"
            for code, meaning in group
        ]
    return "\n".join(lines) + "\n"
