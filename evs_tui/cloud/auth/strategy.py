"""What every way of signing in can do, and which one an identity asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from evs_tui.cloud.operations import Operation
from evs_tui.cloud.prepared import PreparedRequest, Query
from evs_tui.cloud.reply import Reply


@dataclass(frozen=True, slots=True)
class Grant:
    """What signing in told: who, in which project, until when, and the catalog as it came (None: there is none).

    `lifetime` is in seconds from now, reckoned by the server's clock alone; None where nothing ends by itself.
    """

    user_id: str
    user_name: str | None
    project_id: str | None
    project_name: str | None
    expires_at: datetime | None = None
    lifetime: float | None = None
    catalog: tuple[Mapping[str, Any], ...] | None = None
    warnings: tuple[str, ...] = ()
    roles: tuple[str, ...] | None = None
    """Names of the roles in this project; None where signing in tells of none (a signed request)."""


class Ask(Protocol):
    """Sends one request to the identity service, without retries and without credentials but those in the request."""

    def __call__(
        self,
        operation: Operation,
        *,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        body: object = None,
    ) -> Awaitable[Reply]:
        """The reply, whatever its status; `CloudError` where there was none."""


class Auth(Protocol):
    """One way to sign in. It alone holds the credential, and the token once there is one."""

    @property
    def renewable(self) -> bool:
        """Whether signing in once more can work without a person."""

    async def sign_in(self, ask: Ask, *, again: bool) -> Grant:
        """Sign in, or renew (`again`).

        Raises:
            CloudError: refused or not reachable.
            ConfigFailure: the credential cannot work as it stands; nothing was sent.
        """

    def apply(self, prepared: PreparedRequest) -> Mapping[str, str]:
        """The headers that authorise exactly this request. Called right before it leaves."""
