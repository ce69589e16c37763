"""The filter of the short lists: the same grammar as the volumes', over other words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evs_tui.cloud.models import Image
from evs_tui.exports.model import ImageRef, Job, JobState, Place, Request, VolumeRef
from evs_tui.lists.images import IMAGE_WORDS, ImageRow, image_rows, origin_words, sentence_of

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
PLACE = Place("p1", "otc", "https://iam.example.test", "eu-de", "a" * 32, "u1")
GIB = 1024**3


def job(**changes: object) -> Job:
    """An export of ours whose image is `i1`."""
    plain = Job(
        id="0123456789abcdef",
        run_id="r1",
        state=JobState.SUCCEEDED,
        outcome=None,
        attention=(),
        volume=VolumeRef("v1", "web-01-data", 40),
        request=Request("web", "zvhd2"),
        image=ImageRef("i1", "active"),
        place=PLACE,
        owner=None,
        phase=None,
        planned_at=NOW - timedelta(days=2),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def image(image_id: str = "i1", **fields: object) -> Image:
    """An image, active unless said otherwise."""
    plain = Image(image_id, "Web-Ä 生产", "active", "zvhd2", "bare", 12 * GIB, 40, "Linux")
    return replace(plain, **({"created_at": NOW - timedelta(days=2)} | fields))  # type: ignore[arg-type]


OURS = ImageRow(image(), job())
OTHER = ImageRow(image("i2", name="golden", size_bytes=None, created_at=None, disk_format=None, encrypted=True))


@pytest.mark.parametrize(
    ("text", "passing"),
    [
        ("", {"i1", "i2"}),
        ("WEB-ä", {"i1"}),
        ("web-01-data", {"i1"}),
        ("-web", {"i2"}),
        ("status:active", {"i1", "i2"}),
        ("ours:yes", {"i1"}),
        ("-ours:yes", {"i2"}),
        ("ours:n", {"i2"}),
        ("encrypted:yes", {"i2"}),
        ("format:zvhd", {"i1"}),
        ("volume:v1", {"i1"}),
        ("job:0123", {"i1"}),
        ("size>12", {"i2"}),
        ("size>=12", {"i1", "i2"}),
        ("size<13", {"i1"}),
        ("age<7d", {"i1"}),
        ("age>7d", set()),
        ("age>", {"i1", "i2"}),
        ('"not made here"', {"i2"}),
        ("status:active ours:yes golden", set()),
    ],
)
def test_a_filter_lets_pass_what_its_words_say(text: str, passing: set[str]) -> None:
    wanted = IMAGE_WORDS.parse(text, NOW)
    assert wanted.problem is None
    assert {row.image.id for row in (OURS, OTHER) if wanted.matches(row)} == passing


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stauts:x", '"stauts:" is not a filter word; did you mean status: ?'),
        ("ours:maybe", '"maybe" is neither yes nor no: write ours:yes'),
        ("size>big", '"big" is no size: write size>100 for GiB, size>2t for TiB'),
        ("age<soon", '"soon" is no age: write age>7d, with m, h, d, w or y'),
    ],
)
def test_what_cannot_be_understood_is_explained_and_matches_nothing(text: str, words: str) -> None:
    wanted = IMAGE_WORDS.parse(text, NOW)
    assert str(wanted.problem) == words
    assert not wanted.matches(OURS)


def test_an_image_is_joined_with_the_job_that_made_it_in_this_project_alone() -> None:
    elsewhere = replace(PLACE, project_id="b" * 32)
    rows = image_rows([image(), image("i2")], [job(), job(place=elsewhere, image=ImageRef("i2"))], PLACE)
    assert [row.job is not None for row in rows] == [True, False]


@pytest.mark.parametrize(
    ("row", "origin", "sentence"),
    [
        (OURS, "web-01-data", "Made by evs-tui from web-01-data on 2026-11-21."),
        (
            ImageRow(image(), job(receipt={"warnings": []})),
            "web-01-data",
            "Made by evs-tui from web-01-data on 2026-11-21; receipt kept.",
        ),
        (
            ImageRow(image(status="saving"), job()),
            "web-01-data",
            "Being made from web-01-data; the jobs (2) follow it.",
        ),
        (ImageRow(image(status="killed"), job()), "web-01-data", 'Made from web-01-data, and now "killed".'),
        (
            ImageRow(image("i2"), None, job()),
            "unclear, see jobs",
            "Perhaps made by job 01234567: decide it in the jobs (2).",
        ),
        (OTHER, "not made here", "Not made by evs-tui from here."),
        (ImageRow(image("i3", origin_volume_id="abcdef0123")), "volume abcdef01", "Not made by evs-tui from here."),
    ],
)
def test_where_an_image_comes_from_is_said(row: ImageRow, origin: str, sentence: str) -> None:
    assert origin_words(row) == origin
    assert sentence_of(row)[1] == sentence
