"""The steps in the journal against a simple model of them, under any order of events."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from evs_tui.cloud.answers import Answer, NotSent, Refused, RefusedForNow, Taken, Unclear
from evs_tui.cloud.errors import ErrorKind
from evs_tui.exports.entry import Entry, Hold, Lost
from evs_tui.exports.evidence import Found, weigh
from evs_tui.exports.kinds.kind import Go, NoRoom
from evs_tui.exports.looks import absent_facts, adopt, none_found, not_taken
from evs_tui.exports.model import Outcome
from evs_tui.exports.owners import OwnerFacts
from evs_tui.exports.queries import claimed_images, rivals, run_row, step_row
from evs_tui.exports.records import StepRow, Tick
from evs_tui.exports.runs import claim, leave, record_owner, record_run
from evs_tui.exports.schema import MIGRATIONS, migrate
from evs_tui.exports.settling import settle
from evs_tui.exports.steps import Announced, announce, cancel, record_answer
from evs_tui.exports.timing import Limits
from evs_tui.failure import RefusedFailure
from tests.exports.scripted import PLACE, cloud_error, image, plan_of, volume

VOLUMES = ("v1", "v2", "v3", "v4")
LIMITS = Limits(in_flight=2, spacing=1.0)
OPEN = {"pending", "announced", "taken", "unclear"}
ANSWERS: dict[str, Callable[[str], Answer]] = {
    "taken": Taken,
    "unreadable": lambda _: Taken(None),
    "refused": lambda _: Refused(cloud_error(ErrorKind.STATE)),
    "not_now": lambda _: RefusedForNow(cloud_error(ErrorKind.EXPIRED)),
    "not_sent": lambda _: NotSent(cloud_error(ErrorKind.UNREACHABLE)),
    "unclear": lambda _: Unclear(cloud_error(ErrorKind.SERVER)),
    "lost": lambda _: Unclear(cloud_error(ErrorKind.INTERRUPTED)),
}
MAKES_AN_IMAGE = {"taken", "unreadable", "lost"}


@dataclass
class Expected:
    """What must hold of one export."""

    volume_id: str
    hold: Hold
    stale: list[Hold] = field(default_factory=list)
    state: str = "pending"
    attempt: int = 0
    image: str | None = None
    images_made: int = 0
    looks: int = 0
    outcome: str | None = None


class Life(RuleBasedStateMachine):
    """Any order of submitting, announcing, answering, dying, taking over, looking, settling, cancelling."""

    def __init__(self) -> None:
        super().__init__()
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA foreign_keys = ON")
        migrate(self.db, 0, MIGRATIONS)
        self.time = 100.0
        self.owners = 0
        self.owner = self.new_owner()
        self.steps: dict[str, Expected] = {}
        self.last_announced = -10.0
        self.cloud_images: dict[str, str] = {}
        self.events = 0

    def teardown(self) -> None:
        self.db.close()

    def entry(self) -> Entry:
        return Entry(self.db, datetime(2026, 1, 15, tzinfo=UTC) + timedelta(seconds=self.time), Tick("b", self.time))

    def new_owner(self) -> OwnerFacts:
        self.owners += 1
        facts = OwnerFacts(f"o{self.owners}", "here", "b", self.owners, f"o{self.owners}.lock", "0")
        record_owner(self.entry(), facts)
        return facts

    def row(self, step_id: str) -> StepRow:
        row = step_row(self.db, step_id)
        assert row is not None
        return row

    def pick(self, number: int, *states: str) -> str | None:
        # In the order they came: their ids are random, and a replay must meet the same ones.
        found = [step_id for step_id, step in self.steps.items() if step.state in states]
        return found[number % len(found)] if found else None

    @rule(seconds=st.sampled_from([0.1, 1.0, 200.0]))
    def wait(self, seconds: float) -> None:
        self.time += seconds

    @rule(volume_id=st.sampled_from(VOLUMES))
    def submit(self, volume_id: str) -> None:
        plan = plan_of(volume(volume_id))
        is_open = any(step.volume_id == volume_id and step.state in OPEN for step in self.steps.values())
        self.db.execute("BEGIN")
        if is_open:
            with pytest.raises(RefusedFailure):
                record_run(self.entry(), plan, PLACE, self.owner)
            self.db.execute("ROLLBACK")
            return
        hold = record_run(self.entry(), plan, PLACE, self.owner)
        self.db.execute("COMMIT")
        step_id = self.db.execute("SELECT id FROM step WHERE run = ?", (hold.run_id,)).fetchone()[0]
        self.steps[step_id] = Expected(volume_id, hold)

    @rule(number=st.integers(0, 99), stale=st.booleans())
    def announce(self, number: int, stale: bool) -> None:
        step_id = self.pick(number, "pending", "announced", "unclear", "taken")
        if step_id is None:
            return
        step = self.steps[step_id]
        in_flight = sum(1 for other in self.steps.values() if other.state in {"announced", "taken", "unclear"})
        hold = step.stale[-1] if stale and step.stale else step.hold
        go = Go("available", tuple(sorted(self.cloud_images)))
        if in_flight >= LIMITS.in_flight or self.time - self.last_announced < LIMITS.spacing:
            found = announce(self.entry(), hold, self.row(step_id), LIMITS, go)
            assert isinstance(found, NoRoom)
        elif hold is not step.hold or step.state != "pending" or hold.owner_id == "":
            with pytest.raises(Lost):
                announce(self.entry(), hold, self.row(step_id), LIMITS, go)
        else:
            found = announce(self.entry(), hold, self.row(step_id), LIMITS, go)
            step.attempt += 1
            assert found == Announced(step.attempt)
            step.state, self.last_announced, step.looks = "announced", self.time, 0

    @rule(number=st.integers(0, 99), kind=st.sampled_from(sorted(ANSWERS)), stale=st.booleans())
    def answer(self, number: int, kind: str, stale: bool) -> None:
        step_id = self.pick(number, "announced", "unclear", "pending")
        if step_id is None:
            return
        step = self.steps[step_id]
        hold = step.stale[-1] if stale and step.stale else step.hold
        made = f"i{len(self.cloud_images) + 1}"
        answer = ANSWERS[kind](made)
        if step.state != "announced" or hold is not step.hold:
            with pytest.raises(Lost):
                record_answer(self.entry(), hold, step_id, answer, 3)
            return
        record_answer(self.entry(), hold, step_id, answer, 3)
        if kind in MAKES_AN_IMAGE:
            self.cloud_images[made] = f"image-{step.volume_id}"
            step.images_made += 1
        if kind in {"taken", "unreadable"}:
            step.state, step.image = "taken", made if kind == "taken" else None
        elif kind == "refused":
            step.state, step.outcome = "refused", "failed"
        elif kind in {"unclear", "lost"}:
            step.state = "unclear"
        elif step.attempt >= 3:
            step.state, step.outcome = "refused", "not_submitted"
        else:
            step.state = "pending"

    @precondition(lambda self: any(step.outcome is None for step in self.steps.values()))
    @rule(number=st.integers(0, 99))
    def owner_dies_and_another_frees_the_run(self, number: int) -> None:
        step_id = self.pick(number, *OPEN)
        if step_id is None:
            return
        step = self.steps[step_id]
        run = run_row(self.db, step.hold.run_id)
        assert run is not None
        assert leave(self.entry(), run.id, run.epoch)
        assert not leave(self.entry(), run.id, run.epoch), "only the first who frees it does"
        step.stale.append(step.hold)
        step.hold = Hold(run.id, "", run.epoch + 1)
        if step.state == "announced":
            step.state, step.looks = "unclear", 0

    @rule(number=st.integers(0, 99))
    def somebody_goes_on_with_the_run(self, number: int) -> None:
        step_id = self.pick(number, "pending")
        if step_id is None:
            return
        step = self.steps[step_id]
        run = run_row(self.db, step.hold.run_id)
        assert run is not None
        owner = self.new_owner()
        hold = claim(self.entry(), run.id, run.epoch, owner)
        assert claim(self.entry(), run.id, run.epoch, self.owner) is None, "only the first who claims it has it"
        assert hold is not None
        step.stale.append(step.hold)
        step.hold = hold

    @rule(number=st.integers(0, 99))
    def look(self, number: int) -> None:
        step_id = self.pick(number, "unclear")
        if step_id is None:
            return
        step, row = self.steps[step_id], self.row(step_id)
        images = [image(item, name, disk_format="zvhd2") for item, name in self.cloud_images.items()]
        claimed = claimed_images(self.db, step_id)
        evidence = weigh(row, "available", images, claimed=claimed, rivals=rivals(self.db, row))
        if isinstance(evidence, Found):
            assert adopt(self.entry(), row, evidence.image, "name")
            assert not adopt(self.entry(), row, evidence.image, "name"), "a look that comes too late changes nothing"
            step.state, step.image = "taken", evidence.image.id
            return
        looks = none_found(self.entry(), row, "available", counts=True)
        self.time += 0.01
        assert none_found(self.entry(), row, "available", counts=True) is None, "two looks at once count once"
        step.looks += 1
        assert looks == step.looks
        if looks >= 3:
            assert not_taken(self.entry(), self.row(step_id), absent_facts(looks, None), "looking")
            step.state, step.outcome = "refused", "not_submitted"

    @rule(number=st.integers(0, 99), good=st.booleans())
    def image_ends(self, number: int, good: bool) -> None:
        step_id = self.pick(number, "taken")
        if step_id is None:
            return
        outcome = Outcome.SUCCEEDED if good else Outcome.FAILED
        row = self.row(step_id)
        assert settle(self.entry(), row, outcome, None, None)
        assert not settle(self.entry(), row, Outcome.FAILED, None, None), "an outcome does not change"
        self.steps[step_id].state, self.steps[step_id].outcome = "done", str(outcome)

    @rule(number=st.integers(0, 99))
    def cancel(self, number: int) -> None:
        step_id = self.pick(number, *OPEN)
        if step_id is None:
            return
        step = self.steps[step_id]
        assert cancel(self.entry(), self.row(step_id)) is (step.state == "pending")
        if step.state == "pending":
            step.state, step.outcome = "skipped", "cancelled"

    @invariant()
    def journal_and_model_agree(self) -> None:
        for step_id, step in self.steps.items():
            row = self.row(step_id)
            assert (str(row.state), row.outcome, row.attempt, row.image_id) == (
                step.state,
                step.outcome,
                step.attempt,
                step.image,
            )
            assert (row.settled_at is None) is (step.outcome is None)

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        """An attempt after one that made an image would be the second."""
        assert all(step.images_made <= 1 for step in self.steps.values())

    @invariant()
    def one_open_export_a_volume(self) -> None:
        taken = [step.volume_id for step in self.steps.values() if step.state in OPEN]
        assert len(taken) == len(set(taken))

    @invariant()
    def run_is_open_as_long_as_a_step_is(self) -> None:
        rows = self.db.execute("SELECT step.id, run.ended_at FROM step JOIN run ON run.id = step.run")
        assert all((row["ended_at"] is None) is (self.steps[row["id"]].state in OPEN) for row in rows)

    @invariant()
    def events_only_grow(self) -> None:
        count = self.db.execute("SELECT count(*) FROM event").fetchone()[0]
        assert count >= self.events
        self.events = count


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
