"""Exports that the cloud takes and then loses: told as failed, with the cloud's own words where it keeps any."""

from __future__ import annotations

import pytest

from tests.integration.lost_exports import LostExports
from tests.rig_cloud import RigCloud


@pytest.mark.parametrize("label", ["deleted", "failing"])
def test_a_lost_image_is_a_failed_export(lost: LostExports, rig: RigCloud, label: str) -> None:
    ended = lost.ended(label)
    assert ended.exit_code == 1, ended.stderr
    job = ended.job
    assert (job["state"], job["outcome"]) == ("failed", "failed")
    assert job["image"]["id"] is not None
    assert job["ended_at"] is not None
    assert job["last_error"]["what"]
    assert job["last_error"]["advice"]
    assert rig.actions(lost.volumes[label]) == [202]
    assert rig.images_named(rig.name(label)) == []


@pytest.mark.parametrize("label", ["deleted", "failing"])
def test_the_journal_tells_the_same_afterwards(lost: LostExports, label: str) -> None:
    told = lost.ended(label).job
    (kept,) = lost.programs[label].jobs()
    for key in ("id", "state", "outcome", "image", "last_error", "request_ids", "ended_at"):
        assert kept[key] == told[key], key


@pytest.mark.parametrize("label", ["deleted", "failing"])
def test_the_cloud_s_own_reason_is_told(lost: LostExports, label: str) -> None:
    """Cinder keeps the same words for both: an image that was deleted under way makes its upload fail, too."""
    ended = lost.ended(label)
    error = ended.job["last_error"]
    assert error["what"] == "The cloud withdrew the image"
    assert error["why"] == 'the cloud says: "copy volume to image:Failed to upload volume to image at backend."'
    assert error["advice"] == "export the disk again; the disk itself is not changed"
    assert all(error[key] in ended.stderr for key in ("what", "why", "advice"))
