"""What a person can do about a job in the state it is in: for the keys, the hints and the page of one job alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evs_tui.exports.model import Candidate, Job, JobState, Outcome

_RESUMED = {
    "pending_after_restart": "send what waits in its run; it is shown first",
    "journal_failed": "try again, now that the journal can be written",
    "unwatched": "watch it again",
}

_UNSENT = {
    JobState.PLANNED: "cancel it; nothing was sent",
    JobState.PREPARING: "give the export up; what was stopped is started again",
}
_PUT_BACK = {"still_stopped", "start_offered", "stop_overdue"}


@dataclass(frozen=True, slots=True)
class Offer:
    """One deed that is possible now: the action that does it, and what it does in words."""

    action: str
    words: str


def offers_of(job: Job) -> tuple[Offer, ...]:
    """Everything that can be done about this job now, the most useful first."""
    return tuple(_offers(job))


def candidate_words(candidate: Candidate) -> str:
    """One image that may be its, with the facts that help to decide."""
    made = "" if candidate.created_at is None else f", made {candidate.created_at.astimezone():%Y-%m-%d %H:%M:%S}"
    return f"{candidate.id}  {candidate.status}, {candidate.disk_format or 'format unknown'}{made}"


def _offers(job: Job) -> Iterator[Offer]:
    codes = {point.code for point in job.attention}
    yield from _about_servers(codes)
    if job.outcome is not None:
        if job.state is not JobState.RESTORING:
            yield from _after(job)
        return
    yield from _decisions(job, codes)
    for code, words in _RESUMED.items():
        if code in codes:
            yield Offer("resume", words)
    if "left_behind" in codes:
        yield Offer("resume", "that process is gone: look for the image, nothing is sent")
    if "watch_stopped" in codes:
        yield Offer("look", "sign in again; watching goes on then")
    if job.state in _UNSENT:
        yield Offer("cancel", _UNSENT[job.state])
    if job.state is JobState.EXPORTING and "unwatched" not in codes:
        yield Offer("unwatch", "stop watching; it goes on in the cloud")
    if job.image.id is not None:
        yield Offer("copy_id", "send the image's id to the terminal's clipboard")


def _about_servers(codes: set[str]) -> Iterator[Offer]:
    if codes & _PUT_BACK:
        yield Offer("restore", "start again what its run stopped; what was not sent is given up")
    if "stop_overdue" in codes:
        yield Offer("resume", "wait on for the server to shut down")


def _decisions(job: Job, codes: set[str]) -> Iterator[Offer]:
    """An export whose image nobody knows is decided by a person, with what was seen."""
    unclear = job.state is JobState.UNCLEAR and "unrecorded" not in codes
    unknown = job.state is JobState.EXPORTING and job.image.id is None and "image_unknown" in codes
    if not unclear and not unknown:
        return
    if len(job.candidates) == 1:
        yield Offer("adopt", "adopt that image: it is this export, watch it")
    elif job.candidates:
        yield Offer("adopt", f"choose which of {len(job.candidates)} images is its")
    if unclear and "found_uploading" not in codes:
        yield Offer("look", "look again now; looking sends nothing")
    if unknown:
        yield Offer("not_ours", "it made no image: close the job as failed")
    elif job.candidates:
        yield Offer("not_ours", "none of them is its: close the job as not sent")
    else:
        yield Offer("not_ours", "it was not taken: close the job as not sent")


def _after(job: Job) -> Iterator[Offer]:
    if job.outcome is Outcome.SUCCEEDED:
        yield Offer("receipt", "the receipt: read it, write it to a file, copy it")
    if job.image.id is not None:
        yield Offer("copy_id", "send the image's id to the terminal's clipboard")
    yield Offer("retry", "export again with the same request, reviewed first")
    yield Offer("forget", "forget it: its timeline and receipt leave the journal")
