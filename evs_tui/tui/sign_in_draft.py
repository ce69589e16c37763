"""What the sign-in form holds, made into a profile; or the first thing that is missing, and in which field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evs_tui.cloud.dialects import DIALECTS
from evs_tui.config.profiles import MethodName, Profile, SecretPlace, checked_profile_name
from evs_tui.failure import UsageFailure

METHOD_WORDS: Mapping[MethodName, str] = {
    "password": "user and password",
    "application-credential": "application credential",
    "token": "ready token",
    "access-key": "access key (AK/SK)",
}
KEEP_WORDS: Mapping[SecretPlace, str] = {
    "keyring": "in the OS keyring",
    "session": "in memory, this session only",
    "file": "in an encrypted file",
}
BY_URL = ("openstack", "")
"""The clouds that are found by their auth URL alone; the last is told by its catalog."""
MARKS: Mapping[str, str] = {
    "": "nothing",
    "production": "production",
    "read-only": "read-only",
    "both": "production, read-only",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """What must still be filled in, and the id of its field."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of the form as they stand; `base` is the profile that is being changed, if it is one."""

    name: str
    cloud: str
    auth_url: str
    region: str
    method: MethodName
    domain: str
    user: str
    project: str
    keep_in: SecretPlace
    marks: str
    base: Profile | None = None

    def profile(self, new_id: str) -> Profile | Missing:
        """The profile that the fields describe."""
        if (missing := self._missing()) is not None:
            return missing
        base = self.base or Profile(name=self.name, id=new_id)
        of_user = self.method == "password"
        return replace(
            base,
            name=self.name,
            method=self.method,
            cloud=self.cloud or None,
            auth_url=self._auth_url,
            region=self.region or None,
            project=self.project or None,
            user=self.user or None if of_user else None,
            user_domain=self.domain or None if of_user else None,
            credential=self.user or None if self.method == "application-credential" else None,
            keep_in=self.keep_in,
            production=self.marks in {"production", "both"},
            read_only=self.marks in {"read-only", "both"},
        )

    def _missing(self) -> Missing | None:
        try:
            checked_profile_name(self.name)
        except UsageFailure as failure:
            return Missing("name", failure.why if self.name else "a profile has a name, for example prod")
        if self.cloud in BY_URL and not self.auth_url:
            return Missing("auth_url", "the address of the identity service, for example https://keystone.example/v3")
        if self.cloud not in BY_URL and not self.region:
            return Missing("region", "the region tells where the cloud is, for example eu-de")
        if self.method == "password" and not self.domain:
            return Missing("domain", "the account's name; on a plain OpenStack often Default")
        if self.method in {"password", "application-credential"} and not self.user:
            return Missing("user", "a name" if self.method == "password" else "the credential's id")
        return None

    @property
    def _auth_url(self) -> str | None:
        if self.auth_url:
            return self.auth_url
        host = None if self.cloud in BY_URL else DIALECTS[self.cloud].host("iam", self.region)
        return None if host is None else f"https://{host}/v3"


def user_label(method: MethodName) -> str:
    """What the field of the user is called."""
    return "Credential id" if method == "application-credential" else "User"


def secret_label(method: MethodName) -> str:
    """What the field of the secret is called."""
    return {"password": "Password", "token": "Token", "access-key": "Secret key"}.get(method, "Secret")
