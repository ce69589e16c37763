"""Where data, narration and failures go, and in which shape."""

from __future__ import annotations

import json
import sys

import pytest

from evs_tui.cli.commands import Form
from evs_tui.cli.output import Output, journal_context
from evs_tui.failure import ExitCode, Failure, UsageFailure
from evs_tui.secret import Secret
from tests.cli.schemas import END, FAILURE, check

FAILED = Failure(
    "The volumes could not be listed",
    'the cloud refused it: "no right 生"',
    "ask for evs:volumes:list",
    exit_code=ExitCode.FAILED,
    code="EVS.0008",
    http_status=403,
    request_id="req-1",
)


def test_a_failure_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    Output("table").failure(FAILED)
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err == (
        'evs-tui: The volumes could not be listed: the cloud refused it: "no right 生"\n'
        "  What to do: ask for evs:volumes:list\n"
        "  From the cloud: code EVS.0008, HTTP status 403, request id req-1\n"
    )


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_failure_as_an_object_stands_on_standard_output_too(form: Form, capsys: pytest.CaptureFixture[str]) -> None:
    Output(form).failure(FAILED)
    written = capsys.readouterr()
    document = json.loads(written.out)
    check(document, FAILURE)
    assert document["error"] == {
        "exit_code": 1,
        "what": "The volumes could not be listed",
        "why": 'the cloud refused it: "no right 生"',
        "advice": "ask for evs:volumes:list",
        "code": "EVS.0008",
        "http_status": 403,
        "request_id": "req-1",
    }
    assert written.out.isascii()
    assert (written.out.count("\n") == 1) == (form == "jsonl")
    assert written.err.startswith("evs-tui: The volumes could not be listed: ")


def test_what_is_unknown_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    Output("jsonl").failure(UsageFailure("No", "because"))
    assert json.loads(capsys.readouterr().out)["error"] == {
        "exit_code": 2,
        "what": "No",
        "why": "because",
        "advice": None,
        "code": None,
        "http_status": None,
        "request_id": None,
    }


def test_a_known_secret_never_gets_into_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    secret = Secret("hunter2-hunter2")
    Output("json").failure(Failure("It echoed hunter2-hunter2", "hunter2-hunter2", "not hunter2-hunter2"))
    written = capsys.readouterr()
    assert secret.reveal() not in written.out + written.err
    assert "[secret]" in written.out
    assert "[secret]" in written.err


def test_warnings_are_narrated_once_and_kept_for_the_envelope(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output("json")
    output.warn("the list is old")
    output.warn("the list is old")
    output.envelope(journal_context(demo=False, read_only=True), {"jobs": []})
    written = capsys.readouterr()
    assert written.err == "! the list is old\n"
    assert json.loads(written.out) == {
        "schema": 1,
        "context": {
            "source": "journal",
            "profile": None,
            "cloud": None,
            "region": None,
            "project_id": None,
            "project_name": None,
            "user": None,
            "demo": False,
            "read_only": True,
        },
        "warnings": ["the list is old"],
        "jobs": [],
    }


def test_rows_and_their_end(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output("jsonl")
    output.rows([{"name": "生"}, {"name": "b"}])
    output.end_of_rows(count=2, skipped=1)
    lines = capsys.readouterr().out.splitlines()
    assert lines == ['{"name":"\\u751f"}', '{"name":"b"}', '{"end":true,"count":2,"skipped":1}']
    check(json.loads(lines[-1]), END)


class _Gone:
    encoding = "utf-8"

    def write(self, _text: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError

    def fileno(self) -> int:
        raise ValueError


def test_nobody_needs_to_listen_to_the_narration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", _Gone())
    Output("table").say("anybody there")


def test_signs_are_ascii_where_they_must_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Output("table").symbols.ascii
    assert Output("table", ascii_only=True).symbols.ascii
    monkeypatch.setattr(sys, "stdout", _Gone())
    assert not Output("table").symbols.ascii
    monkeypatch.setattr(_Gone, "encoding", "iso-8859-1")
    assert Output("table").symbols.ascii
