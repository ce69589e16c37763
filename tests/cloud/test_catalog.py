from __future__ import annotations

from typing import Any

import pytest

from evs_tui.cloud.catalog import choose_dialect, choose_region, find_services, iam_endpoint
from evs_tui.cloud.dialects import FLEXIBLE_ENGINE, HUAWEICLOUD, OPENSTACK, OTC, Dialect
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import Identity
from evs_tui.cloud.origins import Endpoint, endpoint_from
from evs_tui.failure import ConfigFailure
from tests import openstack_transcripts
from tests.cloud.conftest import Connect
from tests.cloud.support import (
    CATALOG,
    OPENSTACK_CATALOG,
    PROJECT,
    Says,
    ScriptedCloud,
    endpoint,
    identity,
    identity_at,
    service,
)
from tests.simulator.client import Simulator

IAM = Endpoint("https://iam.cloud.invalid")
OTC_IAM = Endpoint("https://iam.eu-de.otc.t-systems.com")


@pytest.mark.parametrize(
    ("auth_url", "dialect", "catalog", "expected"),
    [
        ("https://iam.eu-de.otc.t-systems.com/v3", None, OPENSTACK_CATALOG, OTC),
        ("https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3", None, CATALOG, OTC),
        ("https://iam.eu-west-101.myhuaweicloud.eu/v3", None, CATALOG, HUAWEICLOUD),
        ("https://iam.eu-west-0.prod-cloud-ocb.orange-business.com/v3", None, CATALOG, FLEXIBLE_ENGINE),
        ("https://iam.eu-de.otc.t-systems.com/v3", "openstack", CATALOG, OPENSTACK),
        ("https://cloud.invalid/v3", None, CATALOG, HUAWEICLOUD),
        ("https://cloud.invalid/v3", None, OPENSTACK_CATALOG, OPENSTACK),
        ("https://cloud.invalid/v3", None, [], OPENSTACK),
        ("https://cloud.invalid/v3", None, None, HUAWEICLOUD),
        ("https://xotc.t-systems.com/v3", None, OPENSTACK_CATALOG, OPENSTACK),
        ("https://otc.t-systems.com.evil.invalid/v3", None, OPENSTACK_CATALOG, OPENSTACK),
    ],
)
def test_the_dialect(auth_url: str, dialect: str | None, catalog: Any, expected: Dialect) -> None:
    who = identity(auth_url, dialect=dialect)
    assert choose_dialect(who, iam_endpoint(who), catalog) is expected


def test_an_unknown_dialect_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigFailure, match=r"known are otc, huaweicloud, flexible-engine, openstack"):
        choose_dialect(identity(dialect="azure"), IAM, None)


TWO_REGIONS = [
    service("evs", endpoint("https://evs.a.invalid", "a"), endpoint("https://evs.b.invalid", "b")),
    service("image", endpoint("https://ims.a.invalid", "a"), endpoint("https://ims.b.invalid", "b")),
    service("identity", endpoint("https://iam.invalid", "*"), endpoint("https://iam.invalid", "c")),
]


@pytest.mark.parametrize(
    ("region", "project", "dialect", "catalog", "expected"),
    [
        ("b", "a_x", HUAWEICLOUD, TWO_REGIONS, "b"),
        (None, "a_x", HUAWEICLOUD, TWO_REGIONS, "a"),
        (None, "b", HUAWEICLOUD, TWO_REGIONS, "b"),
        (None, "shop", OPENSTACK, OPENSTACK_CATALOG, "eu-x"),
        (None, "zz_x", HUAWEICLOUD, CATALOG, "eu-x"),
        (None, "eu-de_x", OTC, None, "eu-de"),
        (None, None, OPENSTACK, [service("block-storage", endpoint("https://x", "*"))], ""),
    ],
)
def test_the_region(region: str | None, project: str | None, dialect: Dialect, catalog: Any, expected: str) -> None:
    assert choose_region(identity(region=region), dialect, project, catalog) == expected


def test_several_regions_and_none_chosen_are_listed() -> None:
    with pytest.raises(ConfigFailure) as failed:
        choose_region(identity(), HUAWEICLOUD, "zz", TWO_REGIONS)
    assert (failed.value.what, failed.value.why) == ("No region is chosen", "the catalog has a, b")
    with pytest.raises(ConfigFailure, match="the catalog has a, b"):
        choose_region(identity(region="nope"), HUAWEICLOUD, "zz", TWO_REGIONS)


def _found(who: Identity, dialect: Dialect, region: str, catalog: Any, iam: Endpoint = IAM) -> dict[str, str]:
    services = find_services(who, iam, dialect, region, catalog)
    return {name: str(endpoint) for name, endpoint in services.endpoints.items()}


def test_endpoints_by_region_and_interface() -> None:
    catalog = [
        service(
            "volumev3",
            endpoint(f"https://internal.invalid/v3/{PROJECT}", "a", "internal"),
            endpoint(f"https://b.invalid/v3/{PROJECT}", "b"),
            endpoint(f"https://a.invalid/v3/{PROJECT}", "a"),
        ),
        service("image", endpoint("https://all.invalid", "*"), endpoint("https://image-a.invalid", "a")),
        service("compute", {"interface": "public", "url": f"https://nova.invalid/v2.1/{PROJECT}"}),
    ]
    assert _found(identity(), OPENSTACK, "a", catalog) == {
        "iam": "https://iam.cloud.invalid",
        "evs": "https://a.invalid",
        "ims": "https://image-a.invalid",
        "ecs": "https://nova.invalid",
    }
    assert _found(identity(), OPENSTACK, "b", catalog)["ims"] == "https://all.invalid"


def test_an_override_wins_and_is_said() -> None:
    who = identity(endpoints={"evs": "https://evs.mine.invalid/v2", "ecs": "https://ecs.mine.invalid"})
    services = find_services(who, IAM, HUAWEICLOUD, "eu-x", CATALOG)
    assert str(services.endpoints["evs"]) == "https://evs.mine.invalid"
    assert services.warnings[0] == "The evs endpoint is set by hand: https://evs.mine.invalid"
    with pytest.raises(ConfigFailure, match="plain http"):
        find_services(identity(endpoints={"evs": "http://evs.mine.invalid"}), IAM, HUAWEICLOUD, "eu-x", CATALOG)


def test_the_host_pattern_where_the_catalog_has_nothing() -> None:
    assert _found(identity(), OTC, "eu-de", [], OTC_IAM) == {
        "iam": "https://iam.eu-de.otc.t-systems.com",
        "evs": "https://evs.eu-de.otc.t-systems.com",
        "ims": "https://ims.eu-de.otc.t-systems.com",
        "ecs": "https://ecs.eu-de.otc.t-systems.com",
    }
    with pytest.raises(ConfigFailure, match="No evs endpoint was found"):
        find_services(identity(), IAM, OPENSTACK, "a", [])
    with pytest.raises(ConfigFailure, match="The region cannot be used"):
        find_services(identity(), OTC_IAM, OTC, "x/../y", None)


@pytest.mark.parametrize(
    "url",
    [
        "https://evs.evil.invalid/v2/x",
        "https://otc.t-systems.com.evil.invalid/",
        "https://evilotc.t-systems.com/",
        "http://evs.eu-de.otc.t-systems.com/",
        "https://evs.eu-de.otc.t-systems.com@evil.invalid/",
        "https://evs.myhuaweicloud.com/",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_known_cloud_may_not_send_us_elsewhere(url: str) -> None:
    catalog = [service("evs", endpoint(url, "eu-de")), service("image", "https://ims.eu-de.otc.t-systems.com")]
    with pytest.raises(CloudError) as refused:
        find_services(identity(), OTC_IAM, OTC, "eu-de", catalog)
    assert refused.value.kind is ErrorKind.UNTRUSTED
    assert "EVS_TUI_ENDPOINT_EVS" in (refused.value.advice or "")


async def test_a_catalog_that_points_elsewhere_gets_no_token(connect: Connect) -> None:
    catalog = [service("evs", endpoint("https://evs.evil.invalid/v2/x", "eu-de")), *CATALOG[1:]]
    cloud = ScriptedCloud(lambda _: Says(200, {}), catalog=catalog, project={"id": PROJECT, "name": "eu-de"})
    session = connect(identity("https://iam.eu-de.otc.t-systems.com/v3", region="eu-de"), asgi=cloud)
    with pytest.raises(CloudError, match=r"evs\.evil\.invalid, which is outside otc\.t-systems\.com"):
        await session.sign_in()
    assert [seen.origin for seen in cloud.seen] == ["https://iam.eu-de.otc.t-systems.com"]


async def test_a_cloud_on_this_machine_may_not_send_us_out(connect: Connect, huawei_cloud: Simulator) -> None:
    huawei_cloud.add_fault(operation="create_token", rewrite="hostile-catalog")
    with pytest.raises(CloudError) as refused:
        await connect(identity_at(huawei_cloud)).sign_in()
    assert refused.value.kind is ErrorKind.UNTRUSTED
    assert "evil.invalid" in refused.value.why


def test_an_optional_service_that_is_not_trusted_is_left_out_with_a_word() -> None:
    catalog = [*CATALOG[:2], service("ecs", "http://ecs.cloud.invalid")]
    services = find_services(identity(), IAM, HUAWEICLOUD, "eu-x", catalog)
    assert "ecs" not in services.endpoints
    assert services.warnings[0].startswith("The ecs endpoint is not used")


def test_an_unknown_cloud_with_another_domain_is_believed_but_said() -> None:
    catalog = [service("evs", "https://evs.other.example"), *CATALOG[1:]]
    services = find_services(identity(), IAM, HUAWEICLOUD, "eu-x", catalog)
    assert services.warnings == (
        "The catalog's evs endpoint is in another domain than the auth URL: evs.other.example",
    )


@pytest.mark.parametrize(
    "catalog",
    [
        [{"type": "evs", "endpoints": None}],
        [{"type": "evs", "endpoints": ["x", {"interface": "public"}, {"interface": "public", "url": 7}]}],
        [{"endpoints": []}, {"type": 7}],
    ],
)
def test_a_broken_catalog_is_a_missing_endpoint(catalog: Any) -> None:
    with pytest.raises(ConfigFailure, match="No evs endpoint"):
        find_services(identity(), IAM, HUAWEICLOUD, "", catalog)


def test_the_catalog_of_a_real_keystone() -> None:
    token = openstack_transcripts.read("keystone-token-project")[0].reply.json()["token"]
    who = identity("http://127.0.0.1:15000/v3")
    iam = iam_endpoint(who)
    dialect = choose_dialect(who, iam, token["catalog"])
    assert dialect is OPENSTACK
    region = choose_region(who, dialect, token["project"]["name"], token["catalog"])
    assert region == "RegionOne"
    assert _found(who, dialect, region, token["catalog"], iam) == {
        "iam": "http://127.0.0.1:15000",
        "evs": "http://127.0.0.1:18776",
        "ims": "http://127.0.0.1:19292",
    }
    assert endpoint_from("http://127.0.0.1:18776").is_plain
