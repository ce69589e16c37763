from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from evs_tui.accounts import Accounts, Wanted
from evs_tui.cloud.identity import (
    AgencyLogin,
    ApplicationCredentialLogin,
    Identity,
    KeyLogin,
    PasswordLogin,
    Scope,
    TokenLogin,
)
from evs_tui.config.paths import Paths
from evs_tui.config.profiles import MethodName, Profile
from evs_tui.config.settings import Settings, load_settings
from evs_tui.credentials.kept import BindingChanged, SecretNeeded
from evs_tui.credentials.stores.memory import MemoryStore
from evs_tui.credentials.vault import Vault
from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret

PROD = Profile(
    "prod",
    "0123456789abcdef",
    auth_url="https://iam.eu-de.otc.t-systems.com/v3",
    region="eu-de",
    project="eu-de_prod",
    user="exporter",
    user_domain="OTC-0001",
    ca_bundle=None,
    keep_in="keyring",
)
TEST = Profile("test", "f" * 16, auth_url="https://iam.example.org/v3", project="test", user="u", user_domain="d")
VARIABLES = {
    "OS_AUTH_URL": "https://keystone.example.com/v3",
    "OS_USERNAME": "env",
    "OS_PASSWORD": "env-password",
    "OS_USER_DOMAIN_NAME": "Default",
    "OS_PROJECT_NAME": "env",
}


def accounts(
    directory: Path,
    environ: dict[str, str],
    *,
    default: str | None = None,
    profiles: tuple[Profile, ...] = (PROD, TEST),
) -> Accounts:
    made = Accounts(
        environ,
        Paths(directory / "config", directory / "state"),
        Settings(profiles={profile.name: profile for profile in profiles}, default_profile=default),
        demo=False,
        vault=Vault(directory / "state" / "credentials.enc", keyring=MemoryStore()),
    )
    for profile in profiles:
        if profile.method == "password":
            made.give(profile, {"password": Secret(f"{profile.name}-password")})
    return made


def test_a_profile_is_one_whole_source(tmp_path: Path) -> None:
    environ = {**VARIABLES, "OS_CLOUD": "rig", "HW_ACCESS_KEY": "AK"}
    identity = accounts(tmp_path, environ).identity(Wanted(profile="prod"))
    assert identity == Identity(
        source="profile prod",
        secret_place="memory",
        login=PasswordLogin(Secret("prod-password"), user_name="exporter", user_domain_name="OTC-0001"),
        auth_url="https://iam.eu-de.otc.t-systems.com/v3",
        scope=Scope(project_name="eu-de_prod"),
        region="eu-de",
        profile="prod",
        ignored=("HW_*", "OS_*"),
    )
    assert "OS_PASSWORD" not in environ


@pytest.mark.parametrize(
    ("wanted", "environ", "default", "source"),
    [
        ("prod", {"EVS_TUI_PROFILE": "test", **VARIABLES}, "test", "profile prod"),
        (None, {"EVS_TUI_PROFILE": "test", "OS_CLOUD": "c", **VARIABLES}, "prod", "profile test"),
        (None, VARIABLES, "prod", "environment OS_*"),
        (None, {"OS_REGION_NAME": "eu-nl"}, "prod", "profile prod"),
        (None, {}, "test", "profile test"),
    ],
)
def test_the_order_of_sources(
    tmp_path: Path, wanted: str | None, environ: Mapping[str, str], default: str | None, source: str
) -> None:
    found = accounts(tmp_path, dict(environ), default=default).identity(Wanted(profile=wanted))
    assert found.source == source


def test_os_cloud_goes_before_the_default_profile(tmp_path: Path) -> None:
    with pytest.raises(ConfigFailure) as caught:
        accounts(tmp_path, {"OS_CLOUD": "c"}, default="prod").identity(Wanted())
    assert caught.value.what == "There is no clouds.yaml"


def test_an_unknown_profile_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigFailure) as caught:
        accounts(tmp_path, {}).identity(Wanted(profile="prdo"))
    assert str(caught.value) == 'There is no profile "prdo": no profile of this name is in config.toml'
    assert caught.value.advice == "did you mean prod? evs-tui profiles add makes one"


def test_without_any_source_the_profiles_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigFailure) as caught:
        accounts(tmp_path, {}).identity(Wanted())
    assert caught.value.advice == "choose one with --profile: prod, test"
    with pytest.raises(ConfigFailure) as caught:
        accounts(tmp_path, {}, profiles=()).identity(Wanted())
    assert (caught.value.advice or "").startswith("evs-tui profiles add NAME makes a profile; or set OS_CLOUD")


def test_region_and_project_may_be_laid_over_without_asking_anew(tmp_path: Path) -> None:
    identity = accounts(tmp_path, {}).identity(Wanted("prod", "eu-nl", "eu-nl_test"))
    assert (identity.region, identity.scope.project_name) == ("eu-nl", "eu-nl_test")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("EVS_TUI_ENDPOINT_IAM", "https://evil.example.com", "iam endpoint was not set, is https://evil.example.com"),
        ("EVS_TUI_ENDPOINT_EVS", "https://evil.example.com", "evs endpoint was not set, is https://evil.example.com"),
        ("EVS_TUI_DIALECT", "openstack", "cloud was not set, is openstack"),
    ],
)
def test_a_variable_does_not_pull_a_kept_secret_to_another_host(
    tmp_path: Path, name: str, value: str, words: str
) -> None:
    made = accounts(tmp_path, {name: value})
    with pytest.raises(BindingChanged) as caught:
        made.identity(Wanted("prod"))
    assert caught.value.differences == (words,)
    made.give(caught.value.profile, {"password": Secret("typed-for-it")})
    identity = made.identity(Wanted("prod"))
    assert isinstance(identity.login, PasswordLogin)
    assert identity.login.password == Secret("typed-for-it")


def test_one_profile_never_gets_the_secret_of_another(tmp_path: Path) -> None:
    made = accounts(tmp_path, {})
    for name in ("prod", "test", "prod"):
        login = made.identity(Wanted(name)).login
        assert isinstance(login, PasswordLogin)
        assert login.password == Secret(f"{name}-password")
    # Whoever copies the id of another profile finds a secret that is bound elsewhere.
    thief = Profile("thief", PROD.id, auth_url="https://evil.example.com/v3", project="p", user="exporter",
                    user_domain="OTC-0001")  # fmt: skip
    with pytest.raises(BindingChanged):
        made.vault.secrets(thief)


def test_a_missing_secret_is_asked_for_by_name(tmp_path: Path) -> None:
    made = accounts(tmp_path, {})
    made.forget(PROD)
    with pytest.raises(SecretNeeded) as caught:
        made.identity(Wanted("prod"))
    assert str(caught.value) == "The password of profile prod must be given: nothing is kept for it"


@pytest.mark.parametrize(
    ("method", "more", "secrets", "login"),
    [
        (
            "application-credential",
            {"credential": "c" * 32, "user": None, "user_domain": None},
            {"application_credential_secret": "s"},
            ApplicationCredentialLogin(Secret("s"), credential_id="c" * 32),
        ),
        (
            "application-credential",
            {"credential": "export"},
            {"application_credential_secret": "s"},
            ApplicationCredentialLogin(
                Secret("s"), credential_name="export", user_name="exporter", user_domain_name="OTC-0001"
            ),
        ),
        ("token", {}, {"token": "t"}, TokenLogin(Secret("t"))),
        (
            "access-key",
            {},
            {"access_key": "AK", "secret_key": "SK", "security_token": "ST"},
            KeyLogin("AK", Secret("SK"), Secret("ST")),
        ),
    ],
)
def test_every_way_to_sign_in(
    tmp_path: Path, method: MethodName, more: dict[str, str | None], secrets: dict[str, str], login: object
) -> None:
    profile = replace(PROD, method=method, **more)  # type: ignore[arg-type]
    made = accounts(tmp_path, {}, profiles=(profile,))
    made.give(profile, {name: Secret(value) for name, value in secrets.items()})
    assert made.identity(Wanted("prod")).login == login


def test_names_and_ids_are_told_apart_by_their_form(tmp_path: Path) -> None:
    profile = replace(PROD, user="a" * 32, user_domain="default", project="b" * 32, agency="exports", agency_domain="x")
    made = accounts(tmp_path, {}, profiles=(profile,))
    identity = made.identity(Wanted("prod"))
    assert identity.scope == Scope(project_id="b" * 32)
    assert identity.login == AgencyLogin(
        PasswordLogin(Secret("prod-password"), user_id="a" * 32, user_domain_id="default"), "exports", domain_name="x"
    )


def test_an_incomplete_profile_names_what_is_missing(tmp_path: Path) -> None:
    made = accounts(tmp_path, {}, profiles=(replace(TEST, user=None, project=None),))
    with pytest.raises(ConfigFailure) as caught:
        made.identity(Wanted("test"))
    assert str(caught.value) == (
        "The credentials are incomplete (profile test): missing for a password: user of profile test, "
        "project of profile test"
    )


CLOUDS = """\
clouds:
  rig:
    region_name: RegionOne
    interface: internal
    auth: {auth_url: "http://127.0.0.1:15000/v3", username: demo, password: rig-demo-pw, project_name: demo,
           user_domain_id: default, project_domain_name: rig}
  robot:
    auth_type: v3applicationcredential
    auth: {auth_url: "https://k.example.org/v3", application_credential_id: cccccccccccccccccccccccccccccccc,
           application_credential_secret: app-secret}
  nowhere:
    auth: {username: demo, password: rig-demo-pw}
"""


def test_an_entry_of_clouds_yaml_becomes_a_profile_and_its_secret_goes_to_the_keyring(
    tmp_path: Path, own_environment: Path
) -> None:
    place = own_environment / ".config" / "openstack"
    place.mkdir(parents=True)
    (place / "clouds.yaml").write_text(CLOUDS, encoding="utf-8")
    (place / "clouds.yaml").chmod(0o600)
    made = accounts(tmp_path, {}, profiles=())
    profile, secrets, warnings = made.imported("rig", "rig")
    assert warnings == ()
    profile = replace(profile, keep_in="keyring")
    assert profile == Profile(
        "rig", profile.id, auth_url="http://127.0.0.1:15000/v3", region="RegionOne", project="demo",
        project_domain="rig", user="demo", user_domain="default", interface="internal", keep_in="keyring",
    )  # fmt: skip
    assert secrets == {"password": Secret("rig-demo-pw")}
    made.save(profile, secrets, default=True)
    config = (tmp_path / "config" / "config.toml").read_text(encoding="utf-8")
    assert "rig-demo-pw" not in config
    again = accounts(tmp_path, {}, profiles=())
    settings = load_settings(Paths(tmp_path / "config", tmp_path / "state"), {})
    assert (settings.profiles, settings.default_profile) == ({"rig": profile}, "rig")
    assert made.identity(Wanted()).secret_place == "keyring"
    robot, secrets, _ = again.imported("robot", "robot")
    assert (robot.method, robot.credential) == ("application-credential", "c" * 32)
    assert secrets == {"application_credential_secret": Secret("app-secret")}
    with pytest.raises(ConfigFailure) as caught:
        again.imported("nowhere", "nowhere")
    assert caught.value.why == "it names no auth URL"


def test_a_profile_that_could_not_be_written_leaves_no_secret(tmp_path: Path) -> None:
    made = accounts(tmp_path, {}, profiles=())
    (tmp_path / "config").mkdir(mode=0o700)
    (tmp_path / "config" / "config.toml").write_text('password = "x"\n', encoding="utf-8")
    (tmp_path / "config" / "config.toml").chmod(0o600)
    with pytest.raises(ConfigFailure):
        made.save(PROD, {"password": Secret("hush-hush")})
    assert made.vault.store("keyring").read(PROD.id) is None
    assert made.profiles == {}


def test_a_secret_that_moves_leaves_no_copy_and_the_profile_says_where_it_is(tmp_path: Path) -> None:
    made = accounts(tmp_path, {}, profiles=())
    made.save(PROD, {"password": Secret("hush-hush")})
    assert made.vault.file is not None
    made.vault.file.unlock(Secret("correct horse"))
    moved = made.move(PROD, "file")
    assert moved.keep_in == "file"
    assert made.vault.store("keyring").read(PROD.id) is None
    assert load_settings(Paths(tmp_path / "config", tmp_path / "state"), {}).profiles["prod"].keep_in == "file"
    assert made.remove(moved) == ("file",)
    assert load_settings(Paths(tmp_path / "config", tmp_path / "state"), {}).profiles == {}
