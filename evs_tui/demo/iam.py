"""The identity service: tokens, projects, the catalog.

Source: IAM API, Obtaining a User Token Through Password Authentication (and Virtual MFA); Keystone v3 API.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from evs_tui.demo import agency, refusals
from evs_tui.demo.callers import caller
from evs_tui.demo.catalog import catalog_of
from evs_tui.demo.clock import keystone_time
from evs_tui.demo.exchange import Json, Refusal, Reply, Request

if TYPE_CHECKING:
    from evs_tui.demo.account import Project
    from evs_tui.demo.state import State, Token

_COMPLAINT = (
    "The server could not comply with the request since it is either malformed or otherwise incorrect. "
    "The client is assumed to be in error."
)
_WRONG = "The username or password is wrong."
_PASSCODE_SECONDS = 30
_WRONG_PASSWORDS_ALLOWED = 5


def require_token(state: State, request: Request) -> Token:
    """The caller's living token, or the refusal of an identity call without one."""
    token = caller(state, request)
    if token is None or token.expires_at <= state.now():
        raise refusals.keystone_unauthorized(f"{state.origins.iam}/v3")
    return token


def identity_version(state: State, _request: Request) -> Reply:
    """`GET /v3`: needs no token."""
    links = [{"rel": "self", "href": f"{state.origins.iam}/v3/"}]
    return Reply(
        200, {"version": {"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z", "links": links}}
    )


def create_token(state: State, request: Request) -> Reply:
    """Sign in by password (with or without a passcode), application credential or an older token."""
    auth = _auth_of(state, request)
    identity = auth.get("identity")
    if not isinstance(identity, dict) or not isinstance(identity.get("methods"), list):
        raise _invalid(state, "'identity' is a required property")
    methods = tuple(str(method) for method in identity["methods"])
    project: Project | None
    if methods == ("assume_role",):
        user_id, user_name, project = agency.taken_on(state, require_token(state, request), identity, auth.get("scope"))
    else:
        user_id, user_name, project = _signed_in(state, methods, identity)
        project = _scope(state, auth.get("scope"), project)
    token = state.give_token(user_id, user_name, methods, project)
    # Only a value that is not empty drops the catalog. Source: IAM API, Obtaining a User Token (`nocatalog`).
    reply = Reply(201, {"token": token_body(state, token, with_catalog=not request.query.get("nocatalog"))})
    reply.headers["X-Subject-Token"] = token.value
    return reply


def _auth_of(state: State, request: Request) -> Json:
    if not request.is_json:
        raise _invalid(state, f"Expecting to find application/json in Content-Type header. {_COMPLAINT}")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise _invalid(state, f"Expecting to find valid JSON in request body. {_COMPLAINT}") from None
    if not isinstance(body, dict) or not isinstance(body.get("auth"), dict):
        raise _invalid(state, f"Expecting to find auth in request body. {_COMPLAINT}")
    auth: Json = body["auth"]
    return auth


def _invalid(state: State, message: str) -> Refusal:
    return refusals.keystone(400, "Request body is invalid." if state.flavour == "huawei" else message)


def _wrong(state: State) -> Refusal:
    if state.flavour == "huawei":
        return refusals.keystone(401, _WRONG)
    return refusals.keystone_unauthorized(f"{state.origins.iam}/v3")


def _signed_in(state: State, methods: tuple[str, ...], identity: Json) -> tuple[str, str, Project | None]:
    """User id, name and, for methods that bring one along, the project."""
    if methods == ("password",) or set(methods) == {"password", "totp"}:
        user_id, user_name = _by_password(state, _piece(identity, "password", "user"))
        if user_id == state.credential.mfa_user_id:
            _check_passcode(state, _piece(identity, "totp", "user") if "totp" in methods else {})
        return user_id, user_name, None
    if methods == ("application_credential",):
        given = _piece(identity, "application_credential")
        known = state.credential
        by_id = given.get("id") == known.application_credential_id
        by_name = given.get("name") == "export" and _names_user(state, given.get("user"))
        if not (by_id or by_name) or given.get("secret") != known.application_credential_secret:
            raise _wrong(state)
        return known.user_id, known.username, state.projects[0]
    if methods == ("token",):
        older = state.tokens.get(str(_piece(identity, "token").get("id")))
        if older is None or older.expires_at <= state.now():
            raise refusals.keystone_unauthorized(f"{state.origins.iam}/v3")
        return older.user_id, older.user_name, None
    raise _invalid(state, f"Expecting to find a supported authentication method. {_COMPLAINT}")


def _piece(identity: Json, *names: str) -> Json:
    piece: Any = identity
    for name in names:
        piece = piece.get(name) if isinstance(piece, dict) else None
    return piece if isinstance(piece, dict) else {}


def _names_user(state: State, user: Any) -> bool:
    known = state.credential
    if not isinstance(user, dict):
        return False
    if "id" in user:
        return bool(user["id"] == known.user_id)
    return bool(user.get("name") == known.username and _names_domain(state, user.get("domain")))


def _names_domain(state: State, domain: Any) -> bool:
    known = state.credential
    return isinstance(domain, dict) and (
        domain.get("name") == known.user_domain or domain.get("id") == known.user_domain_id
    )


def _by_password(state: State, user: Json) -> tuple[str, str]:
    known = state.credential
    if not isinstance(user.get("password"), str):
        raise _invalid(state, "'password' is a required property")
    users = {known.username: known.user_id, known.mfa_username: known.mfa_user_id}
    if "id" in user:
        found = next(((name, user_id) for name, user_id in users.items() if user_id == user["id"]), None)
    elif _names_domain(state, user.get("domain")):
        found = next(((name, user_id) for name, user_id in users.items() if name == user.get("name")), None)
    else:
        found = None
    _check_lock(state, user)
    if found is None or user["password"] != known.password:
        state.wrong_passwords[_named(user)] += 1
        raise _wrong(state)
    state.wrong_passwords.pop(_named(user), None)
    return found[1], found[0]


def _named(user: Json) -> str:
    return str(user.get("id") or user.get("name"))


def _check_lock(state: State, user: Json) -> None:
    """Five wrong passwords lock the account. Source: IAM user guide, Account Lockout; Error Codes (IAM.0061)."""
    if state.flavour == "huawei" and state.wrong_passwords[_named(user)] >= _WRONG_PASSWORDS_ALLOWED:
        raise Refusal(Reply(401, {"error_msg": "The account is locked.", "error_code": "IAM.0061"}))


def _check_passcode(state: State, user: Json) -> None:
    """A passcode is good once in its 30 s; a missing, wrong or used one is answered like a wrong password."""
    known = state.credential
    window = int(state.now() // _PASSCODE_SECONDS)
    if user.get("id") != known.mfa_user_id or user.get("passcode") != known.passcode or window in state.used_passcodes:
        raise _wrong(state)
    state.used_passcodes.add(window)


def _scope(state: State, scope: Any, brought: Project | None) -> Project | None:
    if brought is not None or scope is None:
        return brought
    wanted = _piece({"scope": scope}, "scope", "project")
    if not wanted:
        return None
    if "id" not in wanted and "domain" in wanted and not _names_domain(state, wanted["domain"]):
        raise refusals.keystone_unauthorized(f"{state.origins.iam}/v3")
    for project in state.projects:
        if project.enabled and (
            wanted.get("id") == project.id or ("id" not in wanted and wanted.get("name") == project.name)
        ):
            return project
    raise refusals.keystone_unauthorized(f"{state.origins.iam}/v3")


def token_body(state: State, token: Token, *, with_catalog: bool) -> Json:
    """The `token` of an answer."""
    known = state.credential
    domain = {"id": known.user_domain_id, "name": known.user_domain}
    body: Json = {
        "methods": list(token.methods),
        "user": {
            "id": token.user_id,
            "name": token.user_name,
            "domain": domain,
            "password_expires_at": "" if state.flavour == "huawei" else None,
        },
        "issued_at": keystone_time(token.issued_at),
        "expires_at": keystone_time(token.expires_at),
    }
    if state.flavour == "openstack":
        body |= {"audit_ids": [token.value[-22:]], "is_domain": False}
    if token.project is not None:
        body["project"] = {"id": token.project.id, "name": token.project.name, "domain": domain}
        body["roles"] = [
            {"id": "41ce5857c94c4775b6cc53d5feeba445", "name": "evs_adm"},
            {"id": "0", "name": "op_gated_example"},
        ]
        if with_catalog:
            body["catalog"] = catalog_of(state, token.project.id)
    elif state.flavour == "huawei":
        body["domain"] = domain
    return body


def check_token(state: State, request: Request) -> Reply:
    """Validate the token in `X-Subject-Token`. Source: IAM API, Verifying a Token."""
    require_token(state, request)
    subject = state.tokens.get(request.headers.get("x-subject-token", ""))
    if subject is None or subject.expires_at <= state.now():
        raise refusals.keystone(404, "Could not recognize Fernet token")
    reply = Reply(200, {"token": token_body(state, subject, with_catalog=not request.query.get("nocatalog"))})
    reply.headers["X-Subject-Token"] = subject.value
    return reply


def revoke_token(state: State, request: Request) -> Reply:
    """End the token in `X-Subject-Token`."""
    require_token(state, request)
    subject = state.tokens.get(request.headers.get("x-subject-token", ""))
    if subject is None:
        raise refusals.keystone(404, "Could not recognize Fernet token")
    subject.expires_at = state.now()
    return Reply(204)


def _project_rows(state: State, projects: list[Project], path: str) -> Reply:
    domain = state.credential.user_domain_id
    rows = [
        {
            "id": project.id,
            "name": project.name,
            "domain_id": domain,
            "parent_id": domain,
            "enabled": project.enabled,
            "is_domain": False,
            "description": "",
            "links": {"self": f"{state.origins.iam}/v3/projects/{project.id}"},
        }
        for project in projects
    ]
    return Reply(
        200, {"projects": rows, "links": {"self": f"{state.origins.iam}{path}", "previous": None, "next": None}}
    )


def auth_projects(state: State, request: Request) -> Reply:
    """The projects the caller may use. Source: IAM API, Querying the List of Projects Accessible to Users."""
    require_token(state, request)
    return _project_rows(state, list(state.projects), "/v3/auth/projects")


def projects(state: State, request: Request) -> Reply:
    """Projects by criteria; plain Keystone refuses ordinary users. Source: IAM API, Querying Project Information."""
    require_token(state, request)
    if state.flavour == "openstack":
        raise refusals.keystone(403, "You are not authorized to perform the requested action: identity:list_projects.")
    name = request.query.get("name")
    return _project_rows(state, [p for p in state.projects if name in (None, p.name)], "/v3/projects")


def catalog(state: State, request: Request) -> Reply:
    """The catalog of the token's project. Source: IAM API, Querying the Service Catalog."""
    token = require_token(state, request)
    if token.project is None:
        raise refusals.keystone(
            403, "You are not authorized to perform the requested action: identity:get_auth_catalog."
        )
    links = {"self": f"{state.origins.iam}/v3/auth/catalog", "previous": None, "next": None}
    return Reply(200, {"catalog": catalog_of(state, token.project.id), "links": links})
