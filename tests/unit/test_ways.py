"""What is offered about servers, and what each way asks of the plan."""

from __future__ import annotations

from evs_tui.cloud.dialects import OTC
from evs_tui.exports.as_command import evs_tui_command
from evs_tui.exports.confirmation import confirmation_of_danger, endangered
from evs_tui.exports.model import Choices, StepKind
from evs_tui.exports.plan import plan_exports
from evs_tui.exports.ways import Way, way_of, way_remark, ways_for, with_way
from tests.unit.volumes_for_tests import NOW, known, off, server, volume

RUNNING = known(server("s1", "db-01"))
DISK = volume("61d0c6be-4f2a", status="in-use", servers=("s1",))
BASE = Choices("n", force=False)


def test_nothing_is_offered_where_no_server_runs() -> None:
    assert ways_for([volume()], RUNNING) == ()
    assert ways_for([DISK], known(off("s1"))) == ()
    assert ways_for([DISK], {"s1": None}) == ()  # what cannot be read cannot be stopped by us
    assert ways_for([DISK], {}) == ()


def test_one_disk_stops_and_starts_again_several_leave_out() -> None:
    assert ways_for([DISK], RUNNING) == (Way.RESTART, Way.STOP, Way.RUNNING)
    assert ways_for([DISK, volume("v2")], RUNNING) == (Way.LEAVE, Way.RESTART, Way.STOP)


def test_what_each_way_says() -> None:
    assert way_remark(Way.RESTART, [DISK], RUNNING) == "db-01 runs; it stops in the plan"
    assert way_remark(Way.RUNNING, [DISK], RUNNING) == "db-01 runs: at most as after a power cut, and typed for"
    assert way_remark(Way.LEAVE, [DISK], RUNNING) == "db-01 runs: its disks are left out"
    shared = volume("v3", status="in-use", servers=("s1", "s2"), shared=True)
    both = known(server("s1", "a"), server("s2", "b"))
    assert way_remark(Way.STOP, [shared], both) == "a and b run; both stop in the plan"


def test_each_way_makes_the_plan_that_it_names() -> None:
    def kinds(way: Way) -> list[StepKind]:
        choices = with_way(BASE, way, [DISK])
        return [step.kind for step in plan_exports([DISK], choices, OTC, servers=RUNNING, now=NOW).steps]

    assert StepKind.START in kinds(Way.RESTART)
    assert StepKind.STOP in kinds(Way.STOP)
    assert kinds(Way.RUNNING) == [StepKind.EXPORT]
    assert kinds(Way.LEAVE) == []


def test_reading_from_under_a_running_server_is_danger_and_needs_the_end_of_the_id() -> None:
    choices = with_way(BASE, Way.RUNNING, [DISK])
    plan = plan_exports([DISK], choices, OTC, servers=RUNNING, now=NOW)
    asked = confirmation_of_danger(endangered(plan))
    assert asked is not None
    assert asked.wanted == "4f2a"
    assert [asked.is_met(typed) for typed in ("4f2a", " 4f2a ", "4f2", "4F2A", "")] == [True, True, False, False, False]
    stopped = plan_exports([DISK], with_way(BASE, Way.RESTART, [DISK]), OTC, servers=RUNNING, now=NOW)
    assert endangered(stopped) == ()


def test_a_choice_made_before_is_found_again_and_written_as_a_command() -> None:
    for way in (Way.RESTART, Way.STOP, Way.RUNNING):
        assert way_of(with_way(BASE, way, [DISK])) is way
    assert way_of(BASE) is None
    assert evs_tui_command(["v1"], with_way(BASE, Way.RESTART, [DISK])) == (
        "evs-tui export v1 --name n --stop-servers --restart-servers --wait"
    )
    assert evs_tui_command(["v1"], with_way(BASE, Way.RUNNING, [DISK])) == (
        "evs-tui export v1 --name n --force --crash-consistent 4f2a"
    )
