"""`evs-tui agent`: what works in the background, and how to end it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from evs_tui.cli.commands import AgentCommand
from evs_tui.cli.confirming import check_somebody_can_answer, confirm
from evs_tui.cli.results import attention_lines, elapsed_text
from evs_tui.cli.review import counted
from evs_tui.cli.tables import Column, table
from evs_tui.config.paths import Paths
from evs_tui.exports.agents import Agent, read_agents
from evs_tui.exports.model import Job
from evs_tui.failure import ExitCode, RefusedFailure, UsageFailure

if TYPE_CHECKING:
    from datetime import datetime

    from evs_tui.cli.run import Run

_COLUMNS = (
    Column("Agent"),
    Column("Process", right=True),
    Column("State"),
    Column("Volume", narrowest=10),
    Column("Now", narrowest=12),
    Column("Elapsed", right=True),
    Column("Job"),
)
_ENDS_WITHIN_S = 60.0
_STOPPED = "stopped"


def agents(command: AgentCommand, run: Run) -> int:
    """List the processes in the background, or end one of them.

    Raises:
        UsageFailure: there is no such process, or the question was not answered with yes.
        RefusedFailure: it is on another host, or does not end.
        JournalFailure: the journal cannot be read.
    """
    with run.workspace() as workspace:
        paths, now = workspace.paths, workspace.clock.now()
        found = read_agents(paths.journal, paths.owners)
    if command.action == "stop":
        return _stop(_chosen(found, command.agent_id or ""), command, paths, run)
    if found:
        run.output.lines(table(_COLUMNS, _rows(found, now, run), width=run.output.width, cut=run.output.symbols.cut))
    else:
        run.output.say("Nothing works in the background.")
    return ExitCode.DONE


def _rows(found: Sequence[Agent], now: datetime, run: Run) -> list[list[str]]:
    return [
        [
            agent.id,
            str(agent.pid) if agent.alive is not None else f"{agent.pid} on {agent.host}",
            run.output.symbols.state(job) if agent.alive is not False else "ended",
            job.volume.name or job.volume.id,
            job.phase or "-",
            elapsed_text(job.elapsed_s(now)),
            job.id,
        ]
        for agent in found
        for job in agent.jobs
    ]


def _chosen(found: Sequence[Agent], prefix: str) -> Agent:
    fitting = [agent for agent in found if agent.id.startswith(prefix)]
    if len(fitting) != 1:
        why = "several ids begin so" if fitting else "nothing in the background has an id that begins so"
        raise UsageFailure(f'"{prefix}" is not one agent', why, "evs-tui agent list tells the ids")
    return fitting[0]


def _stop(agent: Agent, command: AgentCommand, paths: Paths, run: Run) -> int:
    """Ask the process to end in order, and wait until it has."""
    if agent.alive is not True:
        where = f"it works on {agent.host}" if agent.alive is None else "its process has ended already"
        raise RefusedFailure(f"Agent {agent.id} was not stopped", where, "evs-tui jobs tells what is left to do")
    open_jobs = [job for job in agent.jobs if job.is_open]
    if open_jobs and not command.yes:
        check_somebody_can_answer(_STOPPED)
        for line in _consequences(agent):
            run.output.say(line)
        confirm(f"Stop agent {agent.id}?", _STOPPED)
    os.kill(agent.pid, signal.SIGTERM)
    end = time.monotonic() + _ENDS_WITHIN_S
    while any(one.id == agent.id and one.alive for one in read_agents(paths.journal, paths.owners)):
        if time.monotonic() >= end:
            raise RefusedFailure(
                f"Agent {agent.id} has not ended yet", "it waits for the answer to a call", "evs-tui agent list tells"
            )
        time.sleep(0.05)
    run.output.say(f"Agent {agent.id} has ended.")
    for job in _left(paths, open_jobs_ids=[job.id for job in open_jobs]):
        for line in attention_lines(job, run.output.symbols):
            run.output.say(line)
    return ExitCode.DONE


def _consequences(agent: Agent) -> Iterator[str]:
    sent = [job for job in agent.jobs if job.announced_at is not None and job.outcome is None]
    waiting = [job for job in agent.jobs if job.announced_at is None and job.outcome is None]
    if sent:
        yield f"{counted(len(sent), 'export')} will go on in the cloud, watched by nobody."
    if waiting:
        yield f"{counted(len(waiting), 'export')} will not be sent until somebody resumes it."
    stopped = sorted({name for job in agent.jobs if job.is_open for name in job.stopped})
    if stopped:
        yield f"Nobody will start again: {', '.join(stopped)}."


def _left(paths: Paths, open_jobs_ids: Sequence[str]) -> Iterator[Job]:
    from evs_tui.exports.service import read_job

    for job_id in open_jobs_ids:
        yield read_job(paths.journal, job_id, owners_dir=paths.owners)
