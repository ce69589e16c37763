"""What the checks before a review rest on, as the session and the services tell it."""

from __future__ import annotations

from typing import Any

import pytest

from evs_tui.cloud.errors import CloudError
from evs_tui.cloud.models import BadRecord, ImageQuota, image_quota_from
from evs_tui.cloud.operations import OPERATIONS, Operation
from evs_tui.cloud.services import CloudServices
from evs_tui.failure import ExitCode
from tests.cloud.conftest import Connect
from tests.cloud.support import VOLUME, identity_at
from tests.simulator import Simulator


async def test_the_quota_of_images(connect: Connect, huawei_cloud: Simulator) -> None:
    assert await CloudServices(connect(identity_at(huawei_cloud))).image_quota() == ImageQuota(0, 100)
    assert huawei_cloud.counters()["image_quota"] == 1


async def test_plain_glance_tells_no_quota_and_is_not_asked(connect: Connect, openstack_cloud: Simulator) -> None:
    assert await CloudServices(connect(identity_at(openstack_cloud))).image_quota() is None
    assert openstack_cloud.counters() == {"create_token": 1}


@pytest.mark.parametrize(
    "answer",
    [None, {}, {"quotas": None}, {"quotas": {"resources": {}}}, {"quotas": {"resources": [None, {"type": "image"}]}}],
)
def test_an_answer_without_a_quota(answer: Any) -> None:
    with pytest.raises(BadRecord):
        image_quota_from(answer)


def test_the_quota_among_others() -> None:
    rows = [{"type": "image_shared", "used": 1, "quota": 2}, {"type": "image", "used": "12", "quota": 50}]
    assert image_quota_from({"quotas": {"resources": rows}}) == ImageQuota(12, 50)


async def test_roles_and_the_life_of_the_token(connect: Connect, huawei_cloud: Simulator) -> None:
    session = connect(identity_at(huawei_cloud))
    assert session.token_seconds_left is None
    signed_in = await session.sign_in()
    assert signed_in.roles == ("evs_adm",)  # without the switches of features
    assert session.renewable
    assert session.token_seconds_left == pytest.approx(86_400, abs=60)


CHANGES = [operation for operation in OPERATIONS if operation.effect != "read"]


def test_the_table_calls_every_call_a_change_that_is_none_of_the_reads() -> None:
    """A call that is not a GET changes something, the two ways to a token aside: those make nothing of the cloud's."""
    unmarked = {each.name for each in OPERATIONS if each.method != "GET" and each.effect == "read"}
    assert unmarked == {"create_token"}
    assert {each.name for each in OPERATIONS if each.method == "GET" and each.effect != "read"} == set()
    assert "export" in {each.name for each in CHANGES}


@pytest.mark.parametrize("operation", CHANGES, ids=lambda each: each.name)
async def test_read_only_holds_back_every_change_of_the_table(
    connect: Connect, huawei_cloud: Simulator, operation: Operation
) -> None:
    session = connect(identity_at(huawei_cloud), read_only=True)
    await session.sign_in()
    before = huawei_cloud.counters()
    answer: Any = await session.send(operation, ids={"volume_id": VOLUME, "image_id": VOLUME}, body={}, deadline=5)
    assert isinstance(answer.error, CloudError)
    assert answer.error.exit_code is ExitCode.REFUSED
    assert answer.error.why == "this session is read-only, so nothing was sent"
    assert huawei_cloud.counters() == before
