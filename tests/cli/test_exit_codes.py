"""The exit code of one job, and of several things together."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evs_tui.cli.exit_codes import code_of, together
from evs_tui.exports.model import JobState
from evs_tui.failure import ExitCode
from tests.cli.jobs_for_tests import error, job

# state, exit code of the recorded error, end waited for, time ran out -> exit code
CASES = [
    (JobState.SUCCEEDED, None, True, False, 0),
    (JobState.SUCCEEDED, 4, True, True, 0),
    (JobState.FAILED, 1, True, False, 1),
    (JobState.FAILED, 5, False, False, 1),
    (JobState.CANCELLED, None, True, False, 1),
    (JobState.NOT_SUBMITTED, None, True, False, 1),
    (JobState.NOT_SUBMITTED, 1, False, False, 1),
    (JobState.NOT_SUBMITTED, 4, False, False, 4),
    (JobState.NOT_SUBMITTED, 5, False, False, 5),
    (JobState.NOT_SUBMITTED, 6, True, False, 6),
    (JobState.NOT_SUBMITTED, 7, True, False, 1),
    (JobState.UNCLEAR, 5, False, False, 7),
    (JobState.UNCLEAR, 5, True, True, 7),
    (JobState.EXPORTING, None, False, False, 0),
    (JobState.EXPORTING, None, True, True, 8),
    (JobState.EXPORTING, 4, True, False, 4),
    (JobState.EXPORTING, 5, True, True, 8),
    (JobState.EXPORTING, None, True, False, 5),
    (JobState.PLANNED, None, True, True, 8),
    (JobState.PLANNED, None, True, False, 6),
    (JobState.PLANNED, 5, False, False, 5),
    (JobState.SUBMITTING, None, True, True, 8),
]


@pytest.mark.parametrize(("state", "recorded", "waited", "timed_out", "code"), CASES)
def test_one_job(state: JobState, recorded: int | None, waited: bool, timed_out: bool, code: int) -> None:
    told = None if recorded is None else error(recorded)
    assert code_of(job(state, last_error=told), waited=waited, timed_out=timed_out) == code


def test_every_state_has_a_code() -> None:
    for state, waited, timed_out in itertools.product(JobState, (True, False), (True, False)):
        assert code_of(job(state), waited=waited, timed_out=timed_out) in ExitCode


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([], 0),
        ([0, 0], 0),
        ([1, 1], 1),
        ([6, 6], 6),
        ([0, 1], 3),
        ([6, 0], 3),
        ([4, 5], 3),
        ([8, 0], 8),
        ([8, 1, 6], 8),
        ([7, 8, 0], 7),
        ([7, 1], 7),
    ],
)
def test_several(codes: list[int], code: int) -> None:
    assert together(map(ExitCode, codes)) == code


@given(st.lists(st.sampled_from(ExitCode), min_size=1))
def test_the_order_does_not_count_and_done_needs_all(codes: list[ExitCode]) -> None:
    assert together(codes) == together(reversed(codes))
    assert (together(codes) is ExitCode.DONE) == (set(codes) == {ExitCode.DONE})
