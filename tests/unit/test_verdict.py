from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evs_tui.cloud.dialects import DIALECTS, HUAWEICLOUD, OPENSTACK, OTC, Dialect
from evs_tui.cloud.models import Server
from evs_tui.exports.model import Sign, Verdict, VerdictState
from evs_tui.exports.verdict import verdict
from evs_tui.exports.wording import cells
from tests.unit.volumes_for_tests import known, off, server, volume

# Source: EVS API, EVS Disk Status; Cinder API, volumes; and the one of the error text EVS.2021.
DOCUMENTED = {
    "available": VerdictState.READY,
    "uploading": VerdictState.BUSY,
    "downloading": VerdictState.BUSY,
    "creating": VerdictState.BUSY,
    "attaching": VerdictState.BUSY,
    "detaching": VerdictState.BUSY,
    "extending": VerdictState.BUSY,
    "deleting": VerdictState.BUSY,
    "rollbacking": VerdictState.BUSY,
    "restoring-backup": VerdictState.BUSY,
    "awaiting-transfer": VerdictState.BUSY,
    "backing-up": VerdictState.BUSY,
    "reserved": VerdictState.BUSY,
    "maintenance": VerdictState.BUSY,
    "retyping": VerdictState.BUSY,
    "managing": VerdictState.BUSY,
    "error": VerdictState.BLOCKED,
    "error_deleting": VerdictState.BLOCKED,
    "error_extending": VerdictState.BLOCKED,
    "error_restoring": VerdictState.BLOCKED,
    "error_rollbacking": VerdictState.BLOCKED,
    "error_backing-up": VerdictState.BLOCKED,
    "error_managing": VerdictState.BLOCKED,
    "error_detaching": VerdictState.BLOCKED,
    "half-baked": VerdictState.BLOCKED,
    "": VerdictState.BLOCKED,
    "AVAILABLE": VerdictState.BLOCKED,
}


@pytest.mark.parametrize("status", sorted(DOCUMENTED))
@pytest.mark.parametrize("dialect", list(DIALECTS.values()), ids=list(DIALECTS))
def test_every_documented_status_has_its_verdict(status: str, dialect: Dialect) -> None:
    found = verdict(volume(status=status), dialect, {})
    assert found.state is DOCUMENTED[status]
    assert found.servers_to_stop == ()


READY = VerdictState.READY
STOP = VerdictState.NEEDS_STOP
BUSY = VerdictState.BUSY
BLOCKED = VerdictState.BLOCKED


@pytest.mark.parametrize(
    ("status", "state", "sign", "label", "reason"),
    [
        ("available", READY, Sign.GOOD, "ready", "Not attached: can be exported now."),
        ("uploading", BUSY, Sign.BUSY, "exporting now", "Being exported already: 2 shows it if it is ours."),
        ("creating", BUSY, Sign.WAIT, "creating", "creating: passes by itself; r asks again."),
        ("backing-up", BUSY, Sign.WAIT, "backup runs", "backing-up: passes by itself; r asks again."),
        ("retyping", BUSY, Sign.WAIT, "retyping", "retyping: passes by itself; r asks again."),
        (
            "awaiting-transfer",
            BUSY,
            Sign.WAIT,
            "transfer waits",
            "awaiting-transfer: until that is accepted or called off.",
        ),
        ("error", BLOCKED, Sign.BAD, "status: error", "Status error: repair it in the console first."),
        (
            "error_restoring",
            BLOCKED,
            Sign.BAD,
            "status: error",
            "Status error_restoring: repair it in the console first.",
        ),
        ("error_rollbacking", BLOCKED, Sign.BAD, "status: error", "Status error_rollbacking: repair it first."),
        ("half-baked", BLOCKED, Sign.ASK, "unknown status", '"half-baked" is not known here: i shows what came.'),
        ("missing", BLOCKED, Sign.BAD, "not found", "No disk of this project has this id."),
    ],
)
def test_the_words_for_a_status(status: str, state: VerdictState, sign: Sign, label: str, reason: str) -> None:
    assert verdict(volume(status=status), OTC, {}) == Verdict(state, sign, label, reason)


def test_the_words_for_what_the_disk_is() -> None:
    assert verdict(volume(encrypted=True), OTC, {}) == Verdict(
        READY, Sign.GOOD, "ready, encrypted", "Encrypted: the image will be encrypted too."
    )
    assert verdict(volume(size_gib=2048), OTC, {}) == Verdict(
        READY, Sign.ACT, "over 1 TiB", "Over 1 TiB: some clouds refuse that; the plan asks."
    )
    assert verdict(volume(dedicated=True), HUAWEICLOUD, {}) == Verdict(
        BLOCKED, Sign.BAD, "dedicated store", "On dedicated storage (DSS): no image can be made."
    )


def test_one_tib_itself_is_not_over_it_and_plain_openstack_knows_no_such_limit() -> None:
    assert verdict(volume(size_gib=1024), OTC, {}).label == "ready"
    assert verdict(volume(size_gib=1025), OTC, {}).label == "over 1 TiB"
    assert verdict(volume(size_gib=1025), OPENSTACK, {}).label == "ready"


def test_an_open_export_of_ours_comes_first() -> None:
    assert verdict(volume(), OTC, {}, exporting=True) == Verdict(
        BUSY, Sign.BUSY, "exporting now", "Being exported already: 2 shows it."
    )
    assert verdict(volume(status="error", dedicated=True), OTC, {}, exporting=True).state is BUSY


def test_a_dedicated_disk_is_blocked_whatever_its_status() -> None:
    for status in ("in-use", "error", "half-baked", "creating"):
        assert verdict(volume(status=status, dedicated=True), OTC, {}).label == "dedicated store"


def in_use(*servers: Server, more: tuple[str, ...] = ()) -> Verdict:
    attached = volume(status="in-use", servers=(*(one.id for one in servers), *more))
    return verdict(attached, OTC, known(*servers))


def test_a_server_that_is_off_lets_the_disk_be_exported_with_force() -> None:
    assert in_use(off("s2", "web-02")) == Verdict(
        VerdictState.SERVERS_STOPPED, Sign.GOOD, "server is off", "web-02 is off: can be exported now, with force."
    )
    assert in_use(off("s1", "web-01"), off("s2", "web-02")) == Verdict(
        VerdictState.SERVERS_STOPPED,
        Sign.GOOD,
        "servers are off",
        "Its 2 servers are off: can be exported now, with force.",
    )


def test_a_running_server_must_stop_first() -> None:
    assert in_use(server("s1", "web-01")) == Verdict(
        STOP, Sign.ACT, "stop 1 server", "web-01 is running: it must stop first.", ("s1",)
    )
    assert in_use(server("s1", "web-01"), server("s2", "web-02")) == Verdict(
        STOP, Sign.ACT, "stop 2 servers", "Shared by web-01 and web-02: both must stop first.", ("s1", "s2")
    )
    assert in_use(server("s1", "web-01"), server("s2", "web-02"), server("s3", "web-03")) == Verdict(
        STOP, Sign.ACT, "stop 3 servers", "Shared by web-01 and 2 more: all must stop first.", ("s1", "s2", "s3")
    )


def test_only_those_that_are_not_off_must_stop() -> None:
    mixed = in_use(off("s1", "web-01"), server("s2", "web-02"))
    assert (mixed.label, mixed.servers_to_stop) == ("stop 1 server", ("s2",))
    assert mixed.reason == "web-02 is running: it must stop first."
    two_of_three = in_use(off("s1", "web-01"), server("s2", "web-02"), server("s3", "web-03"))
    assert two_of_three.reason == "web-02 and 1 more are not off: they must stop first."
    assert two_of_three.servers_to_stop == ("s2", "s3")


@pytest.mark.parametrize(
    ("status", "task", "words"),
    [
        ("ACTIVE", "powering-off", "stopping"),
        ("SHUTOFF", "powering-on", "starting"),
        ("SHUTOFF", "image_backup", "busy"),
        ("PAUSED", None, "paused"),
        ("SUSPENDED", None, "suspended"),
        ("ERROR", None, "in status ERROR"),
        ("{0.__class__}", None, "in status {0.__class__}"),
    ],
)
def test_anything_but_off_and_settled_counts_as_running(status: str, task: str | None, words: str) -> None:
    found = in_use(server("s1", "web-01", status, task))
    assert found.state is STOP
    assert found.servers_to_stop == ("s1",)
    assert found.reason.startswith(f"web-01 is {words}")


def test_a_server_that_cannot_be_read_counts_as_running() -> None:
    attached = volume(status="in-use", servers=("3f2a91c0-7777",))
    assert verdict(attached, OTC, {"3f2a91c0-7777": None}) == Verdict(
        STOP,
        Sign.ASK,
        "state unreadable",
        "Server 3f2a91c0 cannot be read: it counts as running.",
        ("3f2a91c0-7777",),
    )


def test_a_server_that_was_not_read_yet_counts_as_running_but_is_not_said_to_run() -> None:
    attached = volume(status="in-use", servers=("3f2a91c0-7777", "s1"))
    found = verdict(attached, OTC, known(server("s1", "web-01")))
    assert found == Verdict(
        STOP,
        Sign.ACT,
        "in use",
        "Attached to 3f2a91c0: whether it runs is not known yet.",
        ("s1", "3f2a91c0-7777"),
    )


def test_a_disk_in_use_by_nobody_that_is_named_is_blocked() -> None:
    assert in_use().state is BLOCKED
    assert in_use().reason == "In use, but no server is named: detach it first."


def test_a_server_without_a_name_goes_by_its_id() -> None:
    assert in_use(server("3f2a91c0-7777", "")).reason == "3f2a91c0 is running: it must stop first."


def test_long_names_are_shortened_so_that_the_note_fits() -> None:
    long = in_use(server("s1", "生产环境" * 30), server("s2", "b"))
    assert cells(long.reason) <= 56
    assert long.reason.endswith("» and b: both must stop first.")


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([*DOCUMENTED, "in-use"]) | st.text(max_size=80),
    st.sampled_from(list(DIALECTS.values())),
    st.lists(
        st.tuples(st.text(max_size=60), st.sampled_from(["ACTIVE", "SHUTOFF", "PAUSED", "SOMETHING"])), max_size=4
    ),
    st.booleans(),
    st.booleans(),
    st.integers(0, 3000),
)
def test_every_verdict_fits_its_column_and_its_note(
    status: str,
    dialect: Dialect,
    servers: list[tuple[str, str]],
    encrypted: bool,
    exporting: bool,
    size_gib: int,
) -> None:
    found_servers = [server(f"s{number}", name, state) for number, (name, state) in enumerate(servers)]
    one = volume(
        status=status, servers=tuple(each.id for each in found_servers), encrypted=encrypted, size_gib=size_gib
    )
    found = verdict(one, dialect, known(*found_servers), exporting=exporting)
    assert cells(found.label) <= 16
    assert cells(found.reason) <= 56
    assert found.reason.endswith(".")
    if found.state is STOP:
        assert found.servers_to_stop
    else:
        assert found.servers_to_stop == ()
