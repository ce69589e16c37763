"""What every way of signing in can do, and which one an identity asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from evs_tui.cloud.errors import CloudError
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
        by: Auth | None = None,
    ) -> Awaitable[Reply]:
        """The reply, whatever its status; `CloudError` where there was none. `by` authorises the request."""


class Auth(Protocol):
    """One way to sign in. It alone holds the credential, and the token once there is one."""

    @property
    def has_token(self) -> bool:
        """Whether signing in yields a token. Where it does not, the first request is what proves the credential."""

    @property
    def renewable(self) -> bool:
        """Whether signing in once more can work without a person."""

    async def sign_in(self, ask: Ask, *, again: bool) -> Grant:
        """Sign in, or renew (`again`).

        Raises:
            CloudError: refused or not reachable.
            ConfigFailure: the credential cannot work as it stands; nothing was sent.
        """

    def apply(self, prepared: PreparedRequest, *, project_id: str | None) -> Mapping[str, str]:
        """The headers that authorise exactly this request. Called right before it leaves.

        `project_id` is None for the identity service, which belongs to no project.
        """

    def refusal(self, reply: Reply, sent: PreparedRequest, clock_difference: float | None) -> CloudError | None:
        """The error where `reply` to `sent` refuses the credential itself: nothing more may be sent with it then.

        None where it does not, and always with a token: the request for a new one decides about the credential.
        `clock_difference` is the cloud's time minus ours in seconds, where it is known.
        """
