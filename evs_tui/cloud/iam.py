"""Projects: the identity service beyond signing in."""

from __future__ import annotations

from evs_tui.cloud.models import Project
from evs_tui.cloud.operations import OWN_PROJECTS
from evs_tui.cloud.projects import projects_in
from evs_tui.cloud.session import Session


async def list_projects(session: Session) -> tuple[Project, ...]:
    """The projects that this user may work in, by name.

    Source: IAM API, Querying the List of Projects Accessible to Users.
    """
    return projects_in(await session.read(OWN_PROJECTS))
