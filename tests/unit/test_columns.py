from __future__ import annotations

from datetime import timedelta

import pytest

from evs_tui.cloud.dialects import OTC
from evs_tui.exports.problem import Problem
from evs_tui.volumes.columns import COLUMNS, Sort, VolumeRow, parse_sort, volume_row
from tests.unit.volumes_for_tests import NOW, known, off, server, volume


def texts(row: VolumeRow) -> dict[str, str]:
    return {key: column.text(row) for key, column in COLUMNS.items()}


def test_the_text_of_every_column() -> None:
    one = volume(status="in-use", size_gib=2048, servers=("s1", "s2"), created_at=NOW)
    servers = known(server("s1", "web-01"), off("s2", "web-02"))
    assert texts(volume_row(one, OTC, servers, exported=NOW)) == {
        "name": "web-01-data",
        "status": "in-use",
        "size": "2,048 GiB",
        "type": "SSD",
        "az": "eu-de-01",
        "attached": "web-01 +1",
        "id": "c2d85f07",
        "created": "2026-11-23 14:02",
        "exported": "2026-11-23",
        "export": "stop 1 server",
    }


def test_what_is_not_there_shows_as_such() -> None:
    bare = texts(volume_row(volume(name="", volume_type=None, zone=None), OTC, {}))
    assert bare["name"] == "(no name)"
    assert [bare[key] for key in ("type", "az", "attached", "created", "exported")] == ["-"] * 5


def test_a_server_without_a_name_is_shown_by_the_start_of_its_id() -> None:
    one = volume(status="in-use", servers=("3f2a91c0-7777", "4f2a91c0-7777", "3f2a91c0-7777"))
    row = volume_row(one, OTC, {"4f2a91c0-7777": server("4f2a91c0-7777", "")})
    assert row.servers == ("3f2a91c0", "4f2a91c0")


def test_each_column_sorts_by_its_meaning_and_puts_what_is_missing_last() -> None:
    servers = known(server("s1", "Beta"), off("s2", "alpha"))
    exported = {"c": NOW - timedelta(days=2), "a": NOW - timedelta(days=1), "d": NOW}
    rows = [
        volume_row(one, OTC, servers, exported=exported.get(one.id))
        for one in [
            volume("d", "", "error", 9, volume_type=None, zone=None),
            volume("c", "b", "in-use", 1000, servers=("s1",), volume_type="SAS", zone="b", created_at=NOW),
            volume("b", "A", "in-use", 200, servers=("s2",), volume_type="SSD", zone="a"),
            volume("a", "c", "available", 40, volume_type="SSD", zone="a"),
        ]
    ]
    orders = {
        key: "".join(row.volume.id for row in sorted(rows, key=column.sort_key)) for key, column in COLUMNS.items()
    }
    assert orders == {
        "name": "bcad",
        "status": "adcb",
        "size": "dabc",
        "type": "cbad",
        "az": "bacd",
        "attached": "bcda",
        "id": "abcd",
        "created": "cdba",
        "exported": "cadb",
        "export": "acbd",
    }


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("size", Sort("size")),
        ("Size:asc", Sort("size")),
        ("size:desc", Sort("size", descending=True)),
        ("-export", Sort("export", descending=True)),
    ],
)
def test_a_sort_order_as_typed(text: str, sort: Sort) -> None:
    assert parse_sort(text) == sort


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "sise",
            Problem(
                '"sise" is no column: choose name, status, size, type, az, attached, id, created, exported, export',
                hint="did you mean size ?",
            ),
        ),
        ("size:up", Problem('"up" is no direction: write size:asc or size:desc')),
    ],
)
def test_a_wrong_sort_order_is_explained(text: str, problem: Problem) -> None:
    assert parse_sort(text) == problem
