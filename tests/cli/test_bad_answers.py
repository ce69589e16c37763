"""What a cloud, a proxy in between or a wrong setting may answer with: one clear error each, and its exit code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evs_tui.demo.faults import Preset
from tests.cli.program import Cli
from tests.cli.schemas import VOLUMES
from tests.simulator import Simulator

LOGIN_PAGE = "a login page or a proxy in between often answers like this"
ANSWERS: dict[Preset, tuple[int | None, str, str]] = {
    "redirect-302": (302, "HTTP 302: the server points to evil.invalid, which is not followed", LOGIN_PAGE),
    "wrong-content-type": (200, "the answer is text/html instead of JSON: {", "Check the endpoint"),
    "truncated-json": (200, "the answer is not valid JSON or was cut: {", "Check the endpoint"),
    "huge-body": (200, "the answer is larger than 8 MiB", "Check the endpoint"),
    "deep-json": (200, "the answer is nested too deeply", "Check the endpoint"),
}
"""Status, the beginning of the reason, and some of the advice."""


@pytest.fixture(scope="module")
def long_list() -> Iterator[Simulator]:
    """Three pages of disks, for all of these tests."""
    with Simulator(volumes=250) as cloud:
        yield cloud


@pytest.fixture
def cloud(long_list: Simulator, cli: Cli) -> Simulator:
    """It behaves, and nobody has called it yet."""
    long_list.clear_faults()
    long_list.forget_calls()
    cli.sign_in_at(long_list)
    return long_list


@pytest.mark.parametrize("preset", ANSWERS)
def test_an_answer_that_is_no_answer(cli: Cli, cloud: Simulator, preset: Preset) -> None:
    status, why, advice = ANSWERS[preset]
    cloud.add_fault(preset, operation="list_cloudvolumes")
    ended = cli("volumes", "--output", "json")
    assert ended.code == 5
    error = ended.error()
    assert (error["what"], error["http_status"]) == ("The volumes could not be listed", status)
    assert error["why"].startswith(why)
    assert advice in error["advice"]


def test_a_token_that_ends_in_mid_list_is_renewed_and_nothing_is_missing(cli: Cli, cloud: Simulator) -> None:
    cloud.add_fault("token-401", operation="list_cloudvolumes", after=1, count=1)
    ended = cli("volumes", "--output", "json")
    document = ended.document(VOLUMES)
    assert (ended.code, document["complete"], document["count"]) == (0, True, 250)
    assert cloud.counters()["create_token"] == 2


def test_a_token_that_stays_refused_keeps_what_was_read_and_is_renewed_once(cli: Cli, cloud: Simulator) -> None:
    cloud.add_fault("token-401", operation="list_cloudvolumes", after=1)
    ended = cli("volumes", "--output", "json")
    document = ended.document(VOLUMES)
    assert (ended.code, document["complete"], document["count"]) == (4, False, 100)
    assert "token expires" in document["warnings"][0]
    assert cloud.counters()["create_token"] == 2


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (
            "http://iam.example.org/v3",
            "http://iam.example.org/v3 is plain http: passwords and tokens would travel readable to iam.example.org",
        ),
        ("https://somebody:Sentinel@iam.example.org/v3", "it holds a user name or a password, which belong elsewhere"),
    ],
)
def test_an_auth_url_that_must_not_get_a_password(cli: Cli, cloud: Simulator, url: str, why: str) -> None:
    cli.variables["OS_AUTH_URL"] = url
    ended = cli("volumes", "--output", "json")
    assert ended.code == 2
    error = ended.error()
    assert (error["what"], error["why"]) == ("OS_AUTH_URL cannot be used", why)
    assert error["advice"] == "give an https:// URL"
    assert "Sentinel" not in ended.out + ended.err
    assert cloud.calls() == []
