from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.demo.caller import Caller
from tests.demo.exporter import Exporter
from tests.simulator import Simulator


@pytest.fixture
async def huawei() -> AsyncIterator[Caller]:
    async with Caller("huawei") as caller:
        yield caller


@pytest.fixture
async def openstack() -> AsyncIterator[Caller]:
    async with Caller("openstack") as caller:
        yield caller


@pytest.fixture
def exporter(huawei_cloud: Simulator) -> Iterator[Exporter]:
    one = Exporter(huawei_cloud)
    yield one
    one.http.close()
