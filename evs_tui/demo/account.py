"""Who may sign in at the simulated cloud, and what there is to sign in to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Flavour = Literal["huawei", "openstack"]


@dataclass(frozen=True, slots=True)
class Project:
    """A project of the account, as the identity service lists it."""

    id: str
    name: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key with its secret key; a temporary one has a security token as well."""

    access: str
    secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Credential:
    """All that signs in one user. Invented, good for nothing outside the simulation.

    `mfa_username` and `mfa_user_id` are a second user with the same password whose sign-in needs `passcode` as well.
    """

    username: str
    user_id: str
    user_domain: str
    user_domain_id: str
    project: str
    project_id: str
    region: str
    password: str = field(repr=False)
    application_credential_id: str = "5d0c9d2f7f5b4f7e9f3a6d1b8c2e4f60"
    application_credential_secret: str = field(default="demo-application-secret", repr=False)
    mfa_username: str = "exporter-mfa"
    mfa_user_id: str = "c6b3d9e2a1f04857b9d0e1f2a3b4c5d6"
    passcode: str = field(default="90431758", repr=False)
    access_key: AccessKey = AccessKey("DEMOACCESSKEY0000001", "DemoSecretKey000000000000000000000000001")
    temporary_key: AccessKey = AccessKey(
        "DEMOTEMPORARYKEY0001", "DemoTemporarySecret000000000000000000001", "gQpldS1kZW1vDEMOSECURITYTOKEN=="
    )
    agency_name: str = "evs-export"
    agency_domain: str = "lending-account"
    agency_project: str = "eu-demo_lent"

    @property
    def access_keys(self) -> tuple[AccessKey, ...]:
        """All keys that may sign."""
        return self.access_key, self.temporary_key


_DEMO_PASSWORD = "demo-password"  # noqa: S105 - signs in to nothing but the simulation
HUAWEI_CREDENTIAL = Credential(
    username="exporter",
    user_id="b0524e8342084ef5b74f158f78fc3049",
    user_domain="demo-account",
    user_domain_id="a1b2c3d4e5f60718293a4b5c6d7e8f90",
    project="eu-demo_shop",
    project_id="0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f6",
    region="eu-demo",
    password=_DEMO_PASSWORD,
)
OPENSTACK_CREDENTIAL = Credential(
    username="exporter",
    user_id="8b326d05283c4d1290a5b7cbb2996565",
    user_domain="demo",
    user_domain_id="ab792b7edb7745b29d27ebae11825ed1",
    project="shop",
    project_id="8ec0fd166e87419dacf313ff3860b040",
    region="RegionOne",
    password=_DEMO_PASSWORD,
)
DEMO_CREDENTIAL = HUAWEI_CREDENTIAL
"""What `--demo` signs in with."""


def credential_for(flavour: Flavour) -> Credential:
    """The credential of the main user of a cloud of this flavour."""
    return HUAWEI_CREDENTIAL if flavour == "huawei" else OPENSTACK_CREDENTIAL


def projects_for(flavour: Flavour) -> tuple[Project, ...]:
    """The account's projects; the first holds everything, the second is empty, and one or two are there to be hidden.

    `MOS` is the pseudo project of the object store. Source: IAM API, Querying Project Information.
    """
    main = credential_for(flavour)
    if flavour == "openstack":
        return (Project(main.project_id, main.project), Project("f511c0355c57433b96f2082bfb718be0", "lab"))
    return (
        Project(main.project_id, main.project),
        Project("11111111111111111111111111111111", main.region),
        Project("33333333333333333333333333333333", "MOS"),
        Project("44444444444444444444444444444444", f"{main.region}_old", enabled=False),
    )


@dataclass(frozen=True, slots=True)
class Origins:
    """Scheme and host of each service, as the catalog names them."""

    iam: str
    evs: str
    ims: str
    ecs: str

    @classmethod
    def demo(cls) -> Origins:
        """Hosts under `.invalid`, which resolve nowhere: a request that leaks out of the demo reaches nobody."""
        return cls(*(f"https://{service}.demo.invalid" for service in ("iam", "evs", "ims", "ecs")))

    @classmethod
    def single(cls, base_url: str) -> Origins:
        """One origin for all services, told apart by their paths."""
        base = base_url.rstrip("/")
        return cls(base, base, base, base)
