"""The services behave as the other tests here take for granted. Nothing of the product takes part."""

from __future__ import annotations

import pytest

from tests.rig_cloud import RigCloud, RigError, User, until


def test_a_new_volume_has_content_of_its_own_file(rig: RigCloud) -> None:
    volume_id = rig.create_volume("content")
    with rig.volume_file(volume_id).open("rb") as file:
        assert file.read(13) == b"osrig volume "
    assert rig.volume_file(volume_id).stat().st_size == 1 << 30


@pytest.mark.parametrize("user", ["demo", "fleeting"])
def test_an_ended_token_is_refused_at_once(rig: RigCloud, user: User) -> None:
    """Also where the service has seen it before: no cache answers for Keystone."""
    token = rig.sign_in(user)
    assert [rig.status_with(token, url) for url in (rig.cinder, rig.glance)] == [200, 200]
    if user == "fleeting":
        rig.revoke_all(user)
    else:
        rig.revoke(token)
    assert [rig.status_with(token, url) for url in (rig.cinder, rig.glance)] == [401, 401]
    after = rig.sign_in(user)
    assert [rig.status_with(after, url) for url in (rig.cinder, rig.glance)] == [200, 200]


def test_a_volume_s_metadata_delays_and_fails_its_upload(rig: RigCloud) -> None:
    volume_id = rig.create_volume("metadata")
    rig.set_metadata(volume_id, {"osrig_delay": "1", "osrig_fail": "1"})
    image_id = rig.upload(volume_id, rig.name("metadata"))
    image = rig.image(image_id)
    assert image is not None
    assert image["status"] == "queued"
    assert rig.volume(volume_id)["status"] == "uploading"
    rig.wait_for_volume(volume_id, "available")
    rig.wait_until_gone(image_id)
    assert rig.actions(volume_id) == [202]


def test_reset_takes_away_its_own_alone(rig: RigCloud) -> None:
    kept = [*rig.volumes.values(), rig.create_volume("kept")]
    part = rig.part("reset")
    lost = part.create_volume("lost")
    part.reset()
    with pytest.raises(RigError, match="404"):
        until(lambda: rig.volume(lost)["status"] == "none", "the volume is gone", seconds=10)
    assert [rig.volume(volume_id)["id"] for volume_id in kept] == kept
