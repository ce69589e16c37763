"""The transcripts are whole and say what their names promise."""

from __future__ import annotations

import pytest

from tests import openstack_transcripts as transcripts


@pytest.mark.parametrize("name", transcripts.names())
def test_every_transcript_is_whole(name: str) -> None:
    exchanges = transcripts.read(name)
    assert exchanges
    for exchange in exchanges:
        assert exchange.request.method in {"GET", "POST", "DELETE"}
        assert exchange.request.target.startswith("/v")
        assert exchange.reply.headers["server"] == "gunicorn"
        if exchange.reply.headers.get("content-type", "").startswith("application/json"):
            exchange.reply.json()


def test_the_folder_holds_what_its_readme_lists() -> None:
    listed = [
        line.split("`")[1]
        for line in (transcripts.FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("- `")
    ]
    assert listed == transcripts.names()


def test_an_upload_is_told_in_its_order() -> None:
    upload, *polls = transcripts.read("upload-fails-in-backend")
    assert (upload.note, upload.at_s, upload.reply.status) == ("the upload", None, 202)
    assert upload.request.json() == {"os-volume_upload_image": {"image_name": "cap-fail", "disk_format": "qcow2"}}
    image_id = upload.reply.json()["os-volume_upload_image"]["image_id"]
    of_image = [poll for poll in polls if poll.request.path == f"/v2/images/{image_id}"]
    assert of_image[0].reply.json()["status"] == "queued"
    assert of_image[-1].reply.status == 404
    assert all(poll.at_s is not None for poll in polls)


def test_a_query_is_decoded() -> None:
    exchange = transcripts.only("cinder-page-2")
    assert exchange.request.path.endswith("/volumes/detail")
    assert exchange.request.query == {
        "limit": "2",
        "sort": "name:asc",
        "marker": "2fef21fa-a6de-4773-9ba5-24c75b13340c",
    }


def test_no_token_was_left_in() -> None:
    for path in transcripts.FOLDER.glob("*.http"):
        assert b"gAAAA" not in path.read_bytes(), path.name
