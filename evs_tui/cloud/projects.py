"""Lists of projects as the identity service gives them."""

from __future__ import annotations

from evs_tui.cloud.models import BadRecord, Project, project_from

_NOT_FOR_DISKS = "MOS"
"""The object store's own pseudo project. Source: IAM API, Querying Project Information."""


def projects_in(decoded: object) -> tuple[Project, ...]:
    """The usable projects in an answer, by name: without disabled ones, pseudo projects and bad records."""
    records = decoded.get("projects") if isinstance(decoded, dict) else None
    found = []
    for record in records if isinstance(records, list) else ():
        try:
            project = project_from(record)
        except BadRecord:
            continue
        if project.enabled and project.name != _NOT_FOR_DISKS:
            found.append(project)
    return tuple(sorted(found, key=lambda project: project.name))
