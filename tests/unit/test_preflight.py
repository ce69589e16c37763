"""The checks before the review: each light with its reason and its remedy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evs_tui.cloud.dialects import HUAWEICLOUD, OPENSTACK, OTC, Dialect
from evs_tui.cloud.models import ImageQuota
from evs_tui.exports.model import Check, Choices, Light, Notice, Plan, Sign
from evs_tui.exports.plan import plan_exports
from evs_tui.exports.preflight import SessionFacts, Surroundings, checks_of, expected_seconds
from evs_tui.exports.telling import in_order, told_first
from tests.unit.volumes_for_tests import NOW, volume

CALM = Surroundings(SessionFacts(("evs_adm",)), ImageQuota(12, 100), None, running=0, waiting=0, at_once=3)
MINUTE, HOUR = 60.0, 3600.0


def plan_of(count: int = 1, *, existing: tuple[str, ...] = (), size: int = 200) -> Plan:
    disks = [volume(f"disk-{at}", f"disk-{at}", size_gib=size) for at in range(count)]
    return plan_exports(disks, Choices("{name}"), OTC, servers={}, now=NOW, existing_names=existing)


def check(code: str, plan: Plan, around: Surroundings, dialect: Dialect = OTC) -> Check:
    (found,) = [each for each in checks_of(plan, dialect, around) if each.code == code]
    return found


@pytest.mark.parametrize(
    ("quota", "waiting", "count", "light", "text", "remedy"),
    [
        (ImageQuota(12, 100), 0, 1, Light.GREEN, "image quota 13 of 100 afterwards", None),
        (ImageQuota(97, 100), 0, 2, Light.GREEN, "image quota 99 of 100 afterwards", None),
        (
            ImageQuota(97, 100),
            0,
            3,
            Light.YELLOW,
            "This fills the quota of images: 97 of 100 are there",
            "the next export will not fit",
        ),
        (
            ImageQuota(97, 100),
            0,
            4,
            Light.RED,
            "4 images do not fit into the quota: 97 of 100 are there",
            "delete images or have the quota raised, or export 3 at most now",
        ),
        (
            ImageQuota(97, 100),
            3,
            1,
            Light.RED,
            "1 image does not fit into the quota: 97 of 100 are there and 3 on the way",
            "delete images or have the quota raised",
        ),
        (
            ImageQuota(120, 100),
            0,
            1,
            Light.RED,
            "1 image does not fit into the quota: 120 of 100 are there",
            "delete images or have the quota raised",
        ),
        (ImageQuota(97, -1), 0, 40, Light.GREEN, "the number of images is not limited", None),
    ],
)
def test_the_quota_is_held_against_the_whole_batch(
    quota: ImageQuota, waiting: int, count: int, light: Light, text: str, remedy: str | None
) -> None:
    found = check("image_quota", plan_of(count), replace(CALM, quota=quota, waiting=waiting))
    assert found == Check(light, "image_quota", text, remedy)


def test_a_quota_that_nobody_tells_is_unknown_and_no_obstacle() -> None:
    silent = check("image_quota", plan_of(), replace(CALM, quota=None))
    assert (silent.light, silent.text) == (
        Light.UNKNOWN,
        "How many images may still be made is not known: this cloud does not tell it",
    )
    forbidden = check("image_quota", plan_of(), replace(CALM, quota=None, quota_problem="no right to see it"))
    assert forbidden.text.endswith("is not known: no right to see it")
    assert replace(plan_of(), checks=(silent,)).refusal is None


@pytest.mark.parametrize(
    ("dialect", "roles", "light", "text"),
    [
        (OTC, ("evs_adm",), Light.GREEN, "the role evs_adm allows it"),
        (HUAWEICLOUD, ("custom", "te_admin"), Light.GREEN, "the role te_admin allows it"),
        (OPENSTACK, ("reader", "member"), Light.GREEN, "the role member allows it"),
        (
            OTC,
            ("readonly",),
            Light.YELLOW,
            "This user has only the role readonly here, so the cloud will most likely refuse",
        ),
        (
            OPENSTACK,
            ("reader",),
            Light.YELLOW,
            "This user has only the role reader here, so the cloud will most likely refuse",
        ),
        (
            OTC,
            ("custom",),
            Light.UNKNOWN,
            "Whether this user may export shows only in the cloud's answer: the right is evs:volumes:uploadImage",
        ),
        # A name that means something elsewhere means nothing here.
        (
            OTC,
            ("member",),
            Light.UNKNOWN,
            "Whether this user may export shows only in the cloud's answer: the right is evs:volumes:uploadImage",
        ),
        (
            OPENSTACK,
            None,
            Light.UNKNOWN,
            (
                "Whether this user may export shows only in the cloud's answer:"
                " the right is volume_extension:volume_actions:upload_image"
            ),
        ),
    ],
)
def test_rights_are_told_as_far_as_they_can_be_known(
    dialect: Dialect, roles: tuple[str, ...] | None, light: Light, text: str
) -> None:
    found = check("rights", plan_of(), replace(CALM, session=SessionFacts(roles)), dialect)
    assert (found.light, found.text) == (light, text)
    assert (found.remedy is not None) == (light is Light.YELLOW)


PAST = ((600, 100), (500, 100), (550, 100))


@pytest.mark.parametrize(
    ("left", "renewable", "past", "light", "text"),
    [
        (None, False, (), Light.GREEN, "the credential does not end by itself"),
        (60.0, True, (), Light.GREEN, "the token is renewed by itself"),
        (23 * HOUR, False, (), Light.GREEN, "the token lasts another 23 hours"),
        (21 * MINUTE, False, PAST, Light.GREEN, "the token lasts another 21 minutes"),
        (
            19 * MINUTE,
            False,
            PAST,
            Light.YELLOW,
            "The token ends in 19 minutes and cannot be renewed by itself, these exports may take 20 minutes",
        ),
        (
            2 * HOUR,
            False,
            PAST[:2],
            Light.YELLOW,
            (
                "The token ends in 120 minutes and cannot be renewed by itself,"
                " and how long these exports take is not known"
            ),
        ),
        (119.0, False, PAST, Light.RED, "The token ends in 1 minute and cannot be renewed by itself"),
    ],
)
def test_the_life_of_the_token_is_held_against_how_long_it_may_take(
    left: float | None, renewable: bool, past: tuple[tuple[int, int], ...], light: Light, text: str
) -> None:
    session = SessionFacts((), renewable, left)
    found = check("token_life", plan_of(), replace(CALM, session=session, past=past))
    assert (found.light, found.text) == (light, text)


def test_how_long_it_may_take_is_the_slowest_of_three_scaled_to_the_largest_disk_in_rounds() -> None:
    assert expected_seconds(plan_of(1, size=200), replace(CALM, past=PAST)) == 1200
    assert expected_seconds(plan_of(1, size=50), replace(CALM, past=PAST)) == 600
    assert expected_seconds(plan_of(4, size=200), replace(CALM, past=PAST)) == 2400
    assert expected_seconds(plan_of(1, size=200), replace(CALM, past=PAST, running=2, waiting=1)) == 2400
    assert expected_seconds(plan_of(1), replace(CALM, past=PAST[:2])) is None


@pytest.mark.parametrize(
    ("running", "waiting", "count", "light", "text"),
    [
        (0, 0, 3, Light.GREEN, "nothing else is being exported"),
        (0, 0, 4, Light.GREEN, "nothing else is being exported, 3 at once, the others follow"),
        (1, 0, 2, Light.GREEN, "1 other export runs, there is room for 3 at once"),
        (
            2,
            0,
            2,
            Light.YELLOW,
            "2 other exports run: 3 are worked on at once, so these follow when there is room",
        ),
        (
            3,
            5,
            1,
            Light.YELLOW,
            "3 other exports run, 5 wait: 3 are worked on at once, so these follow when there is room",
        ),
    ],
)
def test_other_exports(running: int, waiting: int, count: int, light: Light, text: str) -> None:
    found = check("other_exports", plan_of(count), replace(CALM, running=running, waiting=waiting))
    assert (found.light, found.text) == (light, text)


def test_an_image_of_the_same_name_is_told_by_name_and_never_called_in_order() -> None:
    free = plan_of()
    assert check("names", free, CALM) == Check(Light.GREEN, "names", "no image has this name")
    taken = plan_of(existing=("disk-0",))
    assert "names" not in [each.code for each in checks_of(taken, OTC, CALM)]
    assert taken.notices == (
        Notice(
            "yellow",
            "name_exists",
            "An image named disk-0 exists already: if the answer is lost they cannot be told apart",
        ),
    )


def test_a_plan_with_nothing_to_do_is_not_checked() -> None:
    blocked = plan_exports([volume(status="error")], Choices("n"), OTC, servers={}, now=NOW)
    assert checks_of(blocked, OTC, CALM) == ()


def test_red_blocks_and_the_gravest_is_told_first() -> None:
    plan = plan_of(existing=("disk-0",))
    around = replace(CALM, quota=ImageQuota(100, 100), session=SessionFacts(("custom",)))
    plan = replace(plan, checks=checks_of(plan, OTC, around))
    assert plan.refusal is not None
    assert plan.refusal.code == "image_quota"
    assert [(notice.level, notice.code) for notice in plan.warnings] == [
        ("red", "image_quota"),
        ("yellow", "name_exists"),
        ("info", "rights"),
    ]
    assert plan.warnings[0].text == (
        "1 image does not fit into the quota: 100 of 100 are there; delete images or have the quota raised"
    )
    assert [sign for sign, _ in told_first(plan)] == [Sign.BAD, Sign.WARN, Sign.ASK]
    assert in_order(plan) == "Checked: the credential does not end by itself; nothing else is being exported"


def test_what_is_in_order_is_one_sentence() -> None:
    plan = plan_of()
    assert in_order(plan) is None
    plan = replace(plan, checks=checks_of(plan, OTC, CALM))
    assert told_first(plan) == ()
    assert in_order(plan) == (
        "Checked: image quota 13 of 100 afterwards; no image has this name; the role evs_adm allows it;"
        " the credential does not end by itself; nothing else is being exported"
    )
