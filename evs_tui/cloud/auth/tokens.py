"""A token as the identity service gives it: the header, and what the body tells about it.

Source: IAM API, Obtaining a User Token Through Password Authentication; Identity API v3, Authentication and token
management (the two are one and the same form).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from evs_tui.clock import parse_time
from evs_tui.cloud.auth.strategy import Grant
from evs_tui.cloud.clock_difference import date_of
from evs_tui.cloud.envelopes import error_from
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import Scope
from evs_tui.cloud.operations import CREATE_TOKEN
from evs_tui.cloud.prepared import PreparedRequest
from evs_tui.cloud.reply import Reply, Unreadable
from evs_tui.secret import Secret
from evs_tui.text import clean, is_id

_SENDABLE = re.compile(r"[\x21-\x7e]+")
_PASSWORD_WARNING_DAYS = 14
_MFA_ADVICE = (
    "Check user, domain, project and password; the same answer comes where MFA is on and no passcode was sent "
    "(OS_PASSCODE, with OS_USER_ID), and for federated users, who need an access key or a ready token. "
    "Do not try on and on: that locks the account"
)


class Bearer:
    """What all ways have in common that sign in once and then show a token."""

    has_token = True

    def __init__(self, token: Secret | None = None) -> None:
        self._token = token

    def apply(self, prepared: PreparedRequest, *, project_id: str | None) -> Mapping[str, str]:  # noqa: ARG002 - a token is the same for all
        """See `Auth.apply`."""
        return {} if self._token is None else {"X-Auth-Token": self._token.reveal()}

    def refusal(self, reply: Reply, sent: PreparedRequest, clock_difference: float | None) -> CloudError | None:  # noqa: ARG002
        """See `Auth.refusal`."""
        return None


def is_sendable(token: str) -> bool:
    """Whether `token` can stand in a header: printable ASCII without blanks."""
    return _SENDABLE.fullmatch(token) is not None


def token_in(reply: Reply) -> Secret:
    """The token of a successful sign-in. It comes in the header `X-Subject-Token`, whatever its case.

    Raises:
        CloudError: the answer is no success, or has no token.
    """
    if reply.status not in {200, 201}:
        raise sign_in_error(reply)
    token = reply.headers.get("x-subject-token", "").strip()
    if not is_sendable(token):
        raise _nonsense("the answer holds no token", reply)
    return Secret(token)


def grant_in(reply: Reply) -> Grant:
    """What the body of a sign-in or of a token check tells.

    Raises:
        CloudError: the body cannot be read, or names no user.
    """
    try:
        decoded = reply.json()
    except Unreadable as error:
        raise _nonsense(str(error), reply) from None
    token = decoded.get("token") if isinstance(decoded, dict) else None
    if not isinstance(token, dict):
        raise _nonsense("the answer describes no token", reply)
    user, project = _object(token.get("user")), _object(token.get("project"))
    if not is_id(user.get("id")):
        raise _nonsense("the answer names no user", reply)
    expires_at, issued_at = parse_time(token.get("expires_at")), parse_time(token.get("issued_at"))
    now = (issued_at if reply.status == 201 else None) or date_of(reply)
    catalog = token.get("catalog")
    return Grant(
        user_id=str(user["id"]),
        user_name=_text(user.get("name")),
        project_id=str(project["id"]) if is_id(project.get("id")) else None,
        project_name=_text(project.get("name")),
        expires_at=expires_at,
        lifetime=max(0.0, (expires_at - now).total_seconds()) if expires_at and now else None,
        catalog=tuple(entry for entry in catalog if isinstance(entry, dict)) if isinstance(catalog, list) else None,
        warnings=_password_warning(user.get("password_expires_at"), now),
        roles=_roles(token.get("roles")),
    )


def sign_in_error(reply: Reply) -> CloudError:
    """The refusal of a sign-in. A 401 there is about the credentials, and may always mean a missing passcode."""
    error = error_from(reply, CREATE_TOKEN.failed)
    if reply.status != 401:
        return error
    locked = error.code == "IAM.0061"
    return CloudError(
        ErrorKind.CREDENTIALS,
        "Signing in was refused",
        error.why,
        error.advice if locked else _MFA_ADVICE,
        code=error.code,
        http_status=reply.status,
        request_id=error.request_id,
    )


def user_of(
    *, user_id: str | None, name: str | None, domain_id: str | None, domain_name: str | None
) -> dict[str, object]:
    """A user as the identity service wants it named: by id, or by name and domain."""
    if user_id is not None:
        return {"id": user_id}
    return {"name": name, "domain": {"id": domain_id} if domain_id is not None else {"name": domain_name}}


def scope_of(scope: Scope, *, domain_id: str | None, domain_name: str | None) -> dict[str, object] | None:
    """The project a token is asked for, or None: the service then chooses. A name resolves in its domain.

    `domain_id` and `domain_name` are the user's own, for a project that names none.
    """
    if scope.project_id is not None:
        return {"project": {"id": scope.project_id}}
    if scope.project_name is None:
        return None
    project: dict[str, object] = {"name": scope.project_name}
    if scope.project_domain_id is not None or scope.project_domain_name is not None:
        domain_id, domain_name = scope.project_domain_id, scope.project_domain_name
    if domain_id is not None:
        project["domain"] = {"id": domain_id}
    elif domain_name is not None:
        project["domain"] = {"name": domain_name}
    return {"project": project}


def _password_warning(value: object, now: datetime | None) -> tuple[str, ...]:
    """An expired password is a 401 everywhere: say it before. The field may be absent, null or empty."""
    ends = parse_time(value)
    if ends is None or now is None or ends - now > timedelta(days=_PASSWORD_WARNING_DAYS):
        return ()
    return (f"The password expires on {ends:%Y-%m-%d %H:%M} UTC",)


def _roles(value: object) -> tuple[str, ...] | None:
    """The names of the roles. `op_gated_*` are switches of features, not rights."""
    if not isinstance(value, list):
        return None
    names = [_text(_object(role).get("name")) for role in value]
    return tuple(name for name in names if name is not None and not name.startswith("op_gated_"))


def _nonsense(why: str, reply: Reply) -> CloudError:
    return CloudError(
        ErrorKind.NONSENSE,
        CREATE_TOKEN.failed,
        why,
        "Check the auth URL: this may be no identity service",
        http_status=reply.status,
        request_id=reply.request_id,
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return clean(value) if isinstance(value, str) and value else None
