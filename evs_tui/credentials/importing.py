"""An entry of clouds.yaml as a profile, and its secret by itself: what the profile keeps, and what a store keeps."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from evs_tui.cloud.dialects import dialect_of_host
from evs_tui.config.profiles import MethodName, Profile
from evs_tui.credentials.cloud_files import directories
from evs_tui.credentials.clouds import read_entry
from evs_tui.credentials.environment import take_variables
from evs_tui.credentials.fields import Fields
from evs_tui.credentials.kept import OPTIONAL_OF, SECRETS_OF
from evs_tui.credentials.methods import ACCESS_KEY, APPLICATION_CREDENTIAL, TOKEN, method_of
from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret


def profile_of_entry(
    name: str, profile_id: str, entry: str, environ: MutableMapping[str, str]
) -> tuple[Profile, Mapping[str, Secret], tuple[str, ...]]:
    """The profile that an entry describes, its secret fields, and warnings about its files, which are not changed.

    Raises:
        ConfigFailure: there is no such entry, or it says what cannot be used.
    """
    variables = take_variables(environ)
    read = read_entry(entry, region=None, variables=variables.plain, places=directories(variables.plain, environ))
    fields = read.fields
    found = method_of(fields)
    method: MethodName = "password"
    if found is APPLICATION_CREDENTIAL:
        method = "application-credential"
    elif found is TOKEN:
        method = "token"
    elif found is ACCESS_KEY:
        method = "access-key"
    url = fields.text("auth_url")
    if url is None and method != "access-key":
        raise ConfigFailure(f"The entry {entry} cannot be taken over", "it names no auth URL")
    dialect = None if url is None else dialect_of_host(url)
    profile = Profile(
        name=name,
        id=profile_id,
        method=method,
        cloud=None if dialect is None else dialect.name,
        auth_url=url,
        region=fields.text("region_name"),
        project=fields.text("project_id", "tenant_id", "project_name", "tenant_name"),
        project_domain=fields.text("project_domain_id", "project_domain_name"),
        user=fields.text("user_id", "username"),
        user_domain=fields.text("user_domain_id", "user_domain_name", "domain_name"),
        credential=fields.text("application_credential_id", "application_credential_name"),
        interface=fields.text("interface"),
        ca_bundle=fields.text("cacert"),
    )
    return profile, _secrets(method, fields), read.warnings


def _secrets(method: MethodName, fields: Fields) -> Mapping[str, Secret]:
    found: dict[str, Secret] = {}
    for name in SECRETS_OF[method] + OPTIONAL_OF.get(method, ()):
        secret = Secret(fields.text(name) or "") if name == "access_key" else fields.secret(name)
        if secret:
            found[name] = secret
    return found
