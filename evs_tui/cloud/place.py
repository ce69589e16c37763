"""Where a session is: what the rest of the program may know of a sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from evs_tui.cloud.dialects import Dialect, Service


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One signed-in place. No secret is in it.

    `auth_origin` and `origins` (sorted, all that are ever spoken to) are `https://host[:port]`; `endpoints` are the
    same with a path prefix where a cloud has one. `expires_at` is the end of the present token, by the cloud's clock.
    `source` and `secret_place` say where the identity came from; `proxy` is host and port of the proxy in use.
    `roles` are the names of the user's roles in the project, None where the sign-in told of none.
    """

    dialect: Dialect
    region: str
    project_id: str
    project_name: str | None
    user_id: str
    user_name: str | None
    auth_origin: str
    origins: tuple[str, ...]
    endpoints: Mapping[Service, str]
    expires_at: datetime | None
    source: str
    secret_place: str
    warnings: tuple[str, ...] = ()
    plain_http: bool = False
    proxy: str | None = None
    roles: tuple[str, ...] | None = None
