"""Whether a session can sign in, has a project, and may list what evs-tui lists."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from evs_tui.checks.check import Check, Found, State, Step, as_warning, made
from evs_tui.checks.network import certificate, name_resolution
from evs_tui.cloud.auth.passcode import PasscodeNeeded
from evs_tui.cloud.catalog import iam_endpoint
from evs_tui.cloud.identity import Identity
from evs_tui.cloud.models import Page
from evs_tui.cloud.proxies import proxy_for, shown_proxy
from evs_tui.cloud.services import CloudServices
from evs_tui.cloud.session import Session
from evs_tui.failure import ConfigFailure, Failure

_SECONDS_WORTH_A_WORD = 2.0


def connection_checks(identity: Identity, session: Session, *, simulated: bool = False) -> AsyncIterator[Check]:
    """From the name of the host to the rights, in the order in which one needs the other. `simulated`: no network.

    Raises:
        ConfigFailure: the identity does not even say where to sign in.
    """
    return made(connection_steps(identity, session, simulated=simulated))


def connection_steps(identity: Identity, session: Session, *, simulated: bool = False) -> Sequence[Step]:
    """The steps of `connection_checks`.

    Raises:
        ConfigFailure: see there.
    """
    tests = _Tests(session)
    services = CloudServices(session)
    endpoint = iam_endpoint(identity)
    proxy = None if simulated else proxy_for(endpoint.origin)
    shown = None if proxy is None else shown_proxy(proxy)

    async def name() -> Found:
        return _NO_NETWORK if simulated else await name_resolution(endpoint, shown)

    async def tls() -> Found:
        return _NO_NETWORK if simulated else await certificate(endpoint, shown, identity.ca_bundle)

    return (
        Step("name", "name resolution", name),
        Step("tls", "TLS", tls),
        Step("login", "login", tests.login),
        Step("project", "project", tests.project),
        Step("volumes", "right to list volumes", lambda: may_list(services.volumes(), "volume"), needed=False),
        Step("images", "right to list images", lambda: may_list(services.images(), "image"), needed=False),
        Step("servers", "right to list servers", lambda: _servers(services), needed=False),
    )


_NO_NETWORK = Found(State.SKIPPED, "the simulated cloud is in this program")


async def may_list(pages: AsyncIterator[Page[Any]], what: str) -> Found:
    """Whether the first page of a list can be read.

    Raises:
        CloudError: it cannot.
    """
    try:
        page = await anext(pages, None)
    finally:
        if isinstance(pages, AsyncGenerator):
            await pages.aclose()
    count = 0 if page is None else len(page.items)
    return Found(State.OK, f"{count} {what}{'' if count == 1 else 's'} on the first page" if count else "none yet")


async def _servers(services: CloudServices) -> Found:
    """Without this right the work goes on: servers have no names, and none can be stopped."""
    try:
        return await may_list(services.servers(), "server")
    except Failure as failure:
        return as_warning(Found.of(failure))


class _Tests:
    """One sign-in, and what the two checks about it tell."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._no_project: ConfigFailure | None = None

    async def login(self) -> Found:
        """Whether the credentials are taken."""
        session = self._session
        try:
            place = await session.sign_in()
        except PasscodeNeeded as needed:
            found = Found.of(needed)
            return replace(found, remedy="sign in, and give the passcode when it is asked for")
        except ConfigFailure as failure:
            if not any(call.operation == "create_token" and call.status in {200, 201} for call in session.ring):
                raise
            self._no_project = failure
            return Found(State.OK, f"the credentials are taken{self._clock()}")
        as_whom = f" as {place.user_name}" if place.user_name else ""
        return Found(State.OK, f"signed in{as_whom}{self._clock()}")

    async def project(self) -> Found:
        """Whether there is a project, and where."""
        if self._no_project is not None:
            raise self._no_project
        place = await self._session.sign_in()
        where = f" in {place.region}" if place.region else ""
        return Found(State.OK, f"{place.project_name or place.project_id}{where}, {place.dialect.title}")

    def _clock(self) -> str:
        difference = self._session.clock_difference
        if difference is None or abs(difference) < _SECONDS_WORTH_A_WORD:
            return ""
        return f"; its clock differs from this one by {abs(difference):.0f} s"
