"""Ids from standard input."""

from __future__ import annotations

import io

import pytest

from evs_tui.cli.volume_ids import given_ids
from evs_tui.failure import UsageFailure


def from_stdin(text: str) -> tuple[str, ...]:
    return given_ids(["-"], io.StringIO(text))


def test_ids_of_the_command_line_leave_standard_input_alone() -> None:
    stdin = io.StringIO("c\n")
    assert given_ids(["a", "b"], stdin) == ("a", "b")
    assert stdin.read() == "c\n"


def test_one_a_line_without_blank_lines_and_comments() -> None:
    assert from_stdin("# disks\n\n a1 \r\nb2 # the second\n   \nc3") == ("a1", "b2", "c3")


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n"])
def test_no_id_is_an_error(text: str) -> None:
    with pytest.raises(UsageFailure) as caught:
        from_stdin(text)
    assert str(caught.value) == "There is nothing to export: standard input named no volume"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a1\n../../v2\n", '"../../v2" in line 2'),
        ("a1 b2\n", '"a1 b2" in line 1'),
        ("\x1b]0;x\x07\n", '"␛]0;x␇" in line 1'),
        ("a" * 65, '"' + "a" * 65 + '" in line 1'),
        ("x/" * 500, '"' + ("x/" * 500)[:79] + '»" in line 1'),
    ],
)
def test_what_is_no_id_is_named_with_its_line(text: str, shown: str) -> None:
    with pytest.raises(UsageFailure) as caught:
        from_stdin(text)
    assert caught.value.why == f"{shown} of standard input is no volume id"


def test_bytes_that_are_no_text() -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"a1\n\xff\xfe\n"), encoding="utf-8")
    with pytest.raises(UsageFailure) as caught:
        given_ids(["-"], stdin)
    assert caught.value.why == "standard input is not text"
