"""What is shown of a call to the cloud, and what of it may leave the program."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from evs_tui.cloud.ring import Call, Ring
from evs_tui.exports.model import Sign
from evs_tui.lists.calls import CALL_WORDS, answer_of, call_document, path_words, sentence_of, took_words
from evs_tui.secret import Secret

NOW = datetime(2026, 11, 23, 14, 3, 12, tzinfo=UTC)
PROJECT = "0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f6"


def call(**differing: Any) -> Call:
    facts: dict[str, Any] = {
        "at": NOW,
        "operation": "list_cloudvolumes",
        "method": "GET",
        "origin": "https://evs.example",
        "target": f"/v2/{PROJECT}/cloudvolumes/detail?limit=1000&marker=16369c5d-384d-4e64-b37a-56d898769362",
        "status": 200,
        "milliseconds": 84,
        "request_id": "req-1",
    }
    return Call(**{**facts, **differing})


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (f"/v2/{PROJECT}/cloudvolumes/detail?limit=100", "evs /cloudvolumes/detail limit=100"),
        (f"/v2/{PROJECT}/cloudvolumes/detail?ids=%5B'a'%2C'b'%5D", "evs /cloudvolumes/detail ids=2"),
        ("/v2/images/b21f0e77", "evs /images/b21f0e77"),
        ("/v2/images?name=%E6%95%B0%E6%8D%AE", "evs /images name=数据"),
        ("/v2/images?note=what-is-not-known-here", "evs /images note=-"),
        ("/v2/images?name=a%1b%5B2J", "evs /images name=a␛[2J"),
        ("/", "evs /"),
    ],
)
def test_path_without_version_and_project_and_with_known_parameters(target: str, words: str) -> None:
    assert path_words(call(target=target)) == words


@pytest.mark.parametrize(
    ("differing", "answer"),
    [
        ({}, (None, "200")),
        ({"status": 503}, (Sign.BAD, "503")),
        ({"status": 429}, (Sign.WARN, "429")),
        ({"status": 401}, (Sign.WARN, "401")),
        ({"status": None}, (Sign.BAD, "no answer")),
        ({"status": None, "operation": "export"}, (Sign.ASK, "no answer")),
    ],
)
def test_answer(differing: dict[str, Any], answer: tuple[Sign | None, str]) -> None:
    assert answer_of(call(**differing)) == answer


def test_sentence_says_why() -> None:
    assert sentence_of(call(status=503, note="Service Unavailable")) == (Sign.BAD, "Service Unavailable.")
    assert sentence_of(call(attempt=2)) == (Sign.NONE, "Attempt 2: the ones before failed.")


def test_durations() -> None:
    assert [took_words(each) for each in (0, 84, 9_999, 30_000)] == ["0 ms", "84 ms", "9,999 ms", "30.0 s"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [1, 2, 3]),
        ("failed:yes", [2]),
        ("-failed:yes service:evs", [1, 3]),
        ("answer:503", [2]),
        ("changes:yes", [3]),
        ("repeated:yes", [2]),
        ("req-1", [1, 2, 3]),
        ("status:200", []),
    ],
)
def test_filter(text: str, numbers: list[int]) -> None:
    calls = [call(number=1), call(number=2, status=503, attempt=2), call(number=3, operation="export", method="POST")]
    wanted = CALL_WORDS.parse(text, NOW)
    assert [each.number for each in calls if wanted.matches(each)] == numbers
    assert (wanted.problem is not None) is text.startswith("status:")


def test_document_holds_what_is_allowed_and_nothing_else() -> None:
    secret = Secret("a-password-nobody-should-see")
    document = call_document(
        call(
            target=f"/v2/{PROJECT}/x?limit=5&marker=16369c5d-384d&token={secret.reveal()}&name={secret.reveal()}",
            note=f"refused {secret.reveal()}",
        )
    )
    assert document["query"] == {"limit": "5", "marker": "16369c5d", "token": "-", "name": "[secret]"}
    assert secret.reveal() not in str(document)
    assert set(document) == {
        "at", "operation", "service", "method", "origin", "path", "query", "status", "milliseconds", "bytes", "attempt",
        "request_id", "note",
    }  # fmt: skip


def test_ring_numbers_calls_and_forgets_the_oldest() -> None:
    ring = Ring(kept=2)
    for _ in range(3):
        ring.add(call())
    assert [each.number for each in ring] == [2, 3]
