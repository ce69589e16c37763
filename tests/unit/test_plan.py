from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evs_tui.cloud.dialects import DIALECTS, HUAWEICLOUD, OPENSTACK, OTC, Dialect
from evs_tui.cloud.models import Server, Volume
from evs_tui.exports.model import Choices, Notice, Plan, PlannedStep, Request, StepKind
from evs_tui.exports.names import name_problem
from evs_tui.exports.plan import plan_exports
from tests.unit.volumes_for_tests import NOW, known, off, server, volume

UNDO = "cannot be called back; the disk itself is not changed"


def plan(
    volumes: Sequence[Volume],
    choices: Choices | None = None,
    dialect: Dialect = OTC,
    *,
    servers: Mapping[str, Server | None] | None = None,
    open_exports: Collection[str] = (),
    existing_names: Collection[str] = (),
    succeeded: Collection[str] = (),
) -> Plan:
    return plan_exports(
        volumes,
        choices or Choices("{name}-{date}"),
        dialect,
        servers=servers or {},
        now=NOW,
        open_exports=open_exports,
        existing_names=existing_names,
        succeeded=succeeded,
    )


def codes(made: Plan) -> list[tuple[str, str]]:
    return [(notice.level, notice.code) for notice in made.notices]


def blocked(made: Plan) -> list[str | None]:
    return [item.blocked for item in made.exports]


def test_an_available_disk_becomes_one_request_and_one_step_in_words() -> None:
    one = volume()
    made = plan([one], Choices("{name}-20261123-1402"))
    request = Request("web-01-data-20261123-1402", "zvhd2", "bare", force=False, os_type="linux")
    assert [item.request for item in made.exports] == [request]
    assert made.steps == (
        PlannedStep(
            no=1,
            kind=StepKind.EXPORT,
            target_id=one.id,
            target_name="web-01-data",
            changes="Export web-01-data to web-01-data-20261123-1402 (zvhd2, bare)",
            undo=UNDO,
            request=request,
        ),
    )
    assert made.notices == ()


def test_the_body_is_the_documented_one() -> None:
    made = plan([volume()], Choices("n", os_type="windows", disk_format="qcow2"), HUAWEICLOUD)
    assert made.to_do[0].request is not None
    assert made.to_do[0].request.body() == {
        "os-volume_upload_image": {
            "image_name": "n",
            "disk_format": "qcow2",
            "container_format": "bare",
            "force": False,
            "__os_type": "windows",
        }
    }
    upstream = plan([volume()], Choices("n"), OPENSTACK).to_do[0].request
    assert upstream is not None
    assert upstream.body() == {
        "os-volume_upload_image": {
            "image_name": "n",
            "disk_format": "raw",
            "container_format": "bare",
            "force": False,
        }
    }


OFF = known(off("s1", "web-01"))
RUNNING = known(server("s1", "web-01"))


@pytest.mark.parametrize(
    ("servers", "attached", "force", "reason"),
    [
        (OFF, ("s1",), True, None),
        (OFF, ("s1",), False, "its server is off: export it with --force"),
        (
            known(off("s1"), off("s2")),
            ("s1", "s2"),
            False,
            "its servers are off: export it with --force",
        ),
        (RUNNING, ("s1",), False, "web-01 is running: stop it first"),
        (RUNNING, ("s1",), True, "web-01 is running: stop it first"),
        (known(server("s1", "web-01", "SHUTOFF", "powering-on")), ("s1",), True, "web-01 is starting: stop it first"),
        (known(server("s1", "a"), server("s2", "b")), ("s1", "s2"), True, "a and b are running: stop them first"),
        (
            known(server("s1", "a"), server("s2", "b", "PAUSED")),
            ("s1", "s2"),
            True,
            "a and b are not off: stop them first",
        ),
        (known(off("s1", "a"), server("s2", "b")), ("s1", "s2"), True, "b is running: stop it first"),
        ({"s1": None}, ("s1",), True, "the state of server s1 cannot be read, so it counts as running"),
        ({}, ("s1",), True, "the state of server s1 is not known yet, so it counts as running"),
        (
            {"s1": None, "s2": None},
            ("s1", "s2"),
            True,
            "the state of servers s1 and s2 cannot be read, so they count as running",
        ),
        ({}, (), True, "it is in use, but no server is named: detach it first"),
    ],
)
def test_a_disk_in_use_needs_force_and_servers_that_are_all_known_to_be_off(
    servers: Mapping[str, Server | None], attached: tuple[str, ...], force: bool, reason: str | None
) -> None:
    made = plan([volume(status="in-use", servers=attached)], Choices("n", force=force), servers=servers)
    assert blocked(made) == [reason]
    assert len(made.steps) == (1 if reason is None else 0)


def test_force_is_asked_for_only_where_a_disk_needs_it() -> None:
    disks = [volume("a1", "idle"), volume("b1", "used", "in-use", servers=("s1",))]
    made = plan(disks, Choices("{name}", force=True), servers=OFF)
    assert [item.request.force for item in made.to_do if item.request] == [False, True]
    assert made.steps[1].changes == "Export used to used (zvhd2, bare, force)"
    assert [step.no for step in made.steps] == [1, 2]


def test_a_disk_in_use_is_not_sent_a_system_type_and_a_windows_one_is_told_of() -> None:
    windows = volume("a1", "win2019-root", "in-use", servers=("s1",))
    made = plan([windows], Choices("n", force=True), servers=OFF)
    assert made.to_do[0].request == Request("n", "zvhd2", "bare", force=True, os_type=None)
    assert made.notices == (
        Notice("yellow", "os_type", "win2019-root: the image will be typed linux, though this is a Windows disk"),
    )


@pytest.mark.parametrize(
    ("disk", "reason"),
    [
        (volume(status="uploading"), "it is being exported already"),
        (volume(status="creating"), "its status is creating, which passes by itself: try again later"),
        (volume(status="maintenance"), "its status is maintenance, until the operator ends that"),
        (volume(status="error"), "its status is error: repair it in the console first"),
        (volume(status="half-baked"), 'its status "half-baked" is not known here'),
        (volume(status="missing"), "no disk of this project has this id"),
        (volume(dedicated=True), "it is on dedicated storage (DSS): no image can be made of it"),
        (volume(status="in-use", dedicated=True), "it is on dedicated storage (DSS): no image can be made of it"),
    ],
)
def test_other_disks_are_blocked_with_the_reason(disk: Volume, reason: str) -> None:
    made = plan([disk], Choices("n", force=True))
    assert blocked(made) == [reason]
    assert made.steps == ()
    assert codes(made) == [("red", "nothing_left")]


def test_a_disk_with_an_open_export_is_blocked_or_skipped_as_asked() -> None:
    disk = volume()
    assert blocked(plan([disk], open_exports={disk.id})) == ["it is being exported already"]
    skipped = plan([disk], Choices("n", skip_existing=True), open_exports={disk.id})
    assert (skipped.exports[0].skipped, skipped.exports[0].blocked) == ("it is being exported already", None)
    assert skipped.notices == ()


def test_skip_existing_leaves_out_what_was_exported_or_whose_name_is_taken() -> None:
    done, taken, new = volume("a1", "a"), volume("b1", "b"), volume("c1", "c")
    made = plan(
        [done, taken, new],
        Choices("{name}-x", skip_existing=True),
        succeeded={"a1"},
        existing_names={"b-x", "C-X", "c-x1"},
    )
    assert [item.skipped for item in made.exports] == [
        "it was exported before and the image still exists",
        'an image named "b-x" exists already',
        None,
    ]
    assert [step.target_id for step in made.steps] == ["c1"]
    assert made.notices == ()


def test_a_disk_that_is_blocked_now_but_was_exported_before_counts_as_skipped() -> None:
    disk = volume(status="error")
    made = plan([disk], Choices("n", skip_existing=True), succeeded={disk.id})
    assert made.blocked == ()
    assert made.notices == ()


def test_without_skip_existing_a_taken_name_and_an_earlier_export_only_warn() -> None:
    made = plan([volume("a1", "a")], Choices("n"), succeeded={"a1"}, existing_names={"n"})
    assert len(made.steps) == 1
    assert made.notices == (
        Notice(
            "yellow",
            "name_exists",
            "An image named n exists already: if the answer is lost they cannot be told apart",
        ),
    )


def test_a_name_that_breaks_the_rule_blocks_its_disk() -> None:
    made = plan([volume("a1", "a"), volume("b1", "b" * 200)], Choices("x/{name}"))
    assert blocked(made)[0] == ('its image name breaks the rule: "/" at place 2: only letters, digits, - _ . and space')
    long = plan([volume()], Choices("{id8}" + "z" * 125))
    assert blocked(long) == ["its image name breaks the rule: 133 characters: at most 128 are allowed"]


def test_a_name_that_comes_twice_blocks_each_of_its_disks_and_no_other() -> None:
    disks = [volume("a1", "same"), volume("b1", "same"), volume("c1", "other")]
    made = plan(disks, Choices("{name}"))
    twice = 'its image name "same" comes twice: put {id8} or {index} into the template'
    assert blocked(made) == [twice, twice, None]
    assert [step.target_id for step in made.steps] == ["c1"]
    assert len(plan(disks, Choices("{name}-{index}")).steps) == 3


def test_a_disk_that_is_left_out_anyway_takes_no_name_from_another() -> None:
    made = plan([volume("a1", "same", "error"), volume("b1", "same")], Choices("{name}"))
    assert [step.target_id for step in made.steps] == ["b1"]


def test_a_disk_given_twice_is_taken_once_and_that_is_said() -> None:
    first, second = volume("a1", "a"), volume("b1", "b")
    made = plan([first, second, first, first], Choices("{name}-{index}"))
    assert [(item.volume.id, item.request and item.request.image_name) for item in made.exports] == [
        ("a1", "a-1"),
        ("b1", "b-2"),
    ]
    assert made.notices == (Notice("info", "given_twice", "a was given more than once and is taken once"),)


@pytest.mark.parametrize(
    ("choices", "dialect", "reason"),
    [
        (
            Choices("n", disk_format="zvhd2"),
            OPENSTACK,
            '"zvhd2" is no disk format of OpenStack: choose raw, qcow2, vhd, vhdx, vmdk, vdi or ploop',
        ),
        (
            Choices("n", container_format="tar"),
            OTC,
            '"tar" is no container format: choose bare, ami, ari, aki or ovf',
        ),
        (Choices("n", os_type="Linux"), OTC, '"Linux" is no system type: choose linux or windows'),
    ],
)
def test_a_choice_that_no_disk_can_have_blocks(choices: Choices, dialect: Dialect, reason: str) -> None:
    assert blocked(plan([volume()], choices, dialect)) == [reason]


def test_an_encrypted_disk_on_plain_openstack_needs_raw_and_bare() -> None:
    secret = volume(encrypted=True)
    assert blocked(plan([secret], Choices("n", disk_format="qcow2"), OPENSTACK)) == [
        "an encrypted disk is exported as raw and bare alone on OpenStack"
    ]
    assert len(plan([secret], Choices("n"), OPENSTACK).steps) == 1


def test_what_to_know_beforehand_is_said_once_for_all_disks() -> None:
    disks = [
        volume("a1", "生产", encrypted=True),
        volume("b1", "b", size_gib=2048, encrypted=True),
        volume("c1", "win2019"),
    ]
    made = plan(disks, Choices("{name}", container_format="ovf"))
    assert made.notices == (
        Notice("yellow", "os_type", "win2019: this looks like a Windows disk: choose windows"),
        Notice("yellow", "encrypted", "生产 and b are encrypted: their images will be encrypted too"),
        Notice("yellow", "over_1_tib", "b is over 1 TiB: some clouds refuse that"),
        Notice(
            "yellow",
            "container_format",
            "Container format ovf: the image service documents bare alone, so this may be refused",
        ),
        Notice(
            "yellow",
            "chinese_name",
            "生产: Open Telekom Cloud does not list Chinese characters for image names; it may refuse them",
        ),
    )
    assert "chinese_name" not in [code for _, code in codes(plan(disks, Choices("{name}"), HUAWEICLOUD))]


def test_force_on_plain_openstack_may_be_refused_by_its_operator() -> None:
    used = volume("a1", "used", "in-use", servers=("s1",))
    assert codes(plan([used], Choices("n", force=True), OPENSTACK, servers=OFF)) == [("yellow", "force_may_be_refused")]
    assert codes(plan([used], Choices("n", force=True), OTC, servers=OFF)) == []


def test_what_is_left_out_does_not_warn() -> None:
    disks = [volume("a1", "生产", "error", encrypted=True), volume("b1", "b")]
    assert plan(disks, Choices("{name}")).notices == ()


def test_a_plan_of_nothing_is_empty_and_not_an_error() -> None:
    assert plan([]) == Plan((), (), ())


statuses = st.sampled_from(["available", "in-use", "uploading", "error", "creating", "odd"])
power = st.sampled_from(["off", "on", "unreadable", "unread"])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), statuses, st.lists(power, max_size=3), st.text(max_size=20)), max_size=8),
    st.sampled_from(["{name}", "{name}-{id8}", "fixed", "{index}/"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(list(DIALECTS.values())),
)
def test_whatever_comes_only_safe_disks_are_exported_each_once_with_names_of_their_own(
    disks: list[tuple[int, str, list[str], str]], template: str, force: bool, skip: bool, dialect: Dialect
) -> None:
    servers: dict[str, Server | None] = {}
    volumes: list[Volume] = []
    states: dict[str, tuple[str, list[str]]] = {}
    for number, status, powers, name in disks:
        ids = []
        for place, state in enumerate(powers):
            server_id = f"s{len(servers)}-{number}-{place}-{len(volumes)}"
            ids.append(server_id)
            if state != "unread":
                servers[server_id] = {"off": off(server_id), "on": server(server_id), "unreadable": None}[state]
        volumes.append(volume(f"v{number}", name, status, servers=tuple(ids)))
        states[f"v{number}"] = (status, powers)
    made = plan(volumes, Choices(template, force=force, skip_existing=skip), dialect, servers=servers)
    assert [item.volume.id for item in made.exports] == list(dict.fromkeys(one.id for one in volumes))
    for item in made.exports:
        assert [item.request, item.blocked, item.skipped].count(None) == 2
    for item in made.to_do:
        status, powers = states[item.volume.id]
        assert status == "available" or (force and powers and set(powers) == {"off"})
    names = [item.request.image_name for item in made.to_do if item.request]
    assert len(set(names)) == len(names)
    assert all(name_problem(name, dialect) is None for name in names)
    assert [step.target_id for step in made.steps] == [item.volume.id for item in made.to_do]
