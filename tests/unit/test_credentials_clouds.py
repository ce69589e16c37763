from __future__ import annotations

import os
from pathlib import Path

import pytest

from evs_tui.cloud.identity import ApplicationCredentialLogin, Identity, KeyLogin, PasswordLogin, Scope
from evs_tui.credentials.choose import choose_identity
from evs_tui.credentials.cloud_files import directories
from evs_tui.credentials.strict_yaml import Listing, Table, Text, read_yaml
from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret

RIG = """\
clouds:
  rig:
    region_name: RegionOne
    identity_api_version: 3
    auth:
      auth_url: http://127.0.0.1:15000/v3
      username: demo
      password: rig-demo-pw
      project_name: demo
      user_domain_name: rig
      project_domain_name: rig
  rig-admin:
    region_name: RegionOne
    auth: {auth_url: "http://127.0.0.1:15000/v3", username: admin, password: rig-admin-pw, project_name: admin,
           user_domain_name: Default, project_domain_name: Default}
"""


def put(directory: Path, text: str, name: str = "clouds.yaml", mode: int = 0o600) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def choose(environ: dict[str, str], *places: Path, region: str | None = None, project: str | None = None) -> Identity:
    return choose_identity(profile=None, region=region, project=project, environ=environ, places=places)


def refusal(environ: dict[str, str], *places: Path) -> ConfigFailure:
    with pytest.raises(ConfigFailure) as caught:
        choose(environ, *places)
    return caught.value


def entry(directory: Path, text: str, *, region: str | None = None) -> Identity:
    put(directory, f"clouds:\n  c:\n{text}")
    return choose({"OS_CLOUD": "c"}, directory, region=region)


def test_an_entry_is_one_whole_source(tmp_path: Path) -> None:
    put(tmp_path, RIG)
    environ = {
        "OS_CLOUD": "rig",
        "OS_USERNAME": "somebody-else",
        "OS_PASSWORD": "not this",
        "OS_REGION_NAME": "elsewhere",
        "HW_ACCESS_KEY": "ak",
    }
    assert choose(environ, tmp_path) == Identity(
        source="clouds.yaml entry rig",
        secret_place="clouds.yaml",
        login=PasswordLogin(password=Secret("rig-demo-pw"), user_name="demo", user_domain_name="rig"),
        auth_url="http://127.0.0.1:15000/v3",
        scope=Scope(project_name="demo", project_domain_name="rig"),
        region="RegionOne",
        ignored=("HW_*", "OS_*"),
    )
    assert "OS_PASSWORD" not in environ


def test_region_and_project_lie_over_the_entry(tmp_path: Path) -> None:
    put(tmp_path, RIG)
    identity = choose({"OS_CLOUD": "rig"}, tmp_path, region="RegionTwo", project="other")
    assert identity.region == "RegionTwo"
    assert identity.scope == Scope(project_name="other", project_domain_name="rig")


def test_a_half_filled_entry_names_what_is_missing_and_what_is_not_mixed_in(tmp_path: Path) -> None:
    put(tmp_path, "clouds: {c: {auth: {auth_url: 'https://k.example.org/v3', username: u}}}")
    failure = refusal({"OS_CLOUD": "c", "OS_PASSWORD": "from-environment"}, tmp_path)
    assert failure.what == "The credentials are incomplete (clouds.yaml entry c)"
    assert failure.why == "missing for a password: auth.user_domain_name, auth.password, auth.project_name"
    assert failure.advice is not None
    assert "OS_* played no part" in failure.advice


def test_secrets_come_from_secure_yaml(tmp_path: Path) -> None:
    put(tmp_path, RIG.replace("      password: rig-demo-pw\n", ""))
    put(tmp_path, "clouds: {rig: {auth: {password: hidden-pw}}, more: {}}", "secure.yaml")
    identity = choose({"OS_CLOUD": "rig"}, tmp_path)
    assert identity.login == PasswordLogin(password=Secret("hidden-pw"), user_name="demo", user_domain_name="rig")
    assert identity.secret_place == "secure.yaml"


def test_places_are_searched_in_order(tmp_path: Path) -> None:
    put(tmp_path / "system", RIG.replace("RegionOne", "system"))
    assert choose({"OS_CLOUD": "rig"}, tmp_path / "user", tmp_path / "system").region == "system"
    put(tmp_path / "user", RIG.replace("RegionOne", "user"), "clouds.yml")
    assert choose({"OS_CLOUD": "rig"}, tmp_path / "user", tmp_path / "system").region == "user"


def test_the_users_own_place_is_found_by_default(own_environment: Path) -> None:
    put(own_environment / ".config" / "openstack", RIG)
    identity = choose_identity(
        profile=None, region=None, project=None, environ={**os.environ, "OS_CLOUD": "rig"}, places=None
    )
    assert identity.source == "clouds.yaml entry rig"


def test_a_user_without_a_home_has_the_systems_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home(*_names: object, **_options: object) -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr("platformdirs.user_config_path", no_home)
    assert directories({}, {}) == (Path("/etc/openstack"),)


def test_the_working_directory_is_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, RIG)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigFailure, match=r"There is no clouds\.yaml") as caught:
        choose_identity(profile=None, region=None, project=None, environ={**os.environ, "OS_CLOUD": "rig"})
    assert str(tmp_path) not in str(caught.value)


def test_a_file_named_by_path_is_read_wherever_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "elsewhere", RIG, "my-clouds.yaml")
    monkeypatch.chdir(tmp_path / "elsewhere")
    environ = {"OS_CLOUD": "rig", "OS_CLIENT_CONFIG_FILE": "my-clouds.yaml"}
    assert choose(environ).region == "RegionOne"
    gone = {"OS_CLOUD": "rig", "OS_CLIENT_CONFIG_FILE": "gone.yaml"}
    assert refusal(gone, tmp_path).what == "OS_CLIENT_CONFIG_FILE cannot be used"


def test_an_unknown_cloud_gets_the_nearest_names(tmp_path: Path) -> None:
    put(tmp_path, RIG)
    failure = refusal({"OS_CLOUD": "rig-adnim"}, tmp_path)
    assert failure.what == 'There is no cloud "rig-adnim"'
    assert failure.advice == "did you mean rig-admin, rig?"
    assert refusal({"OS_CLOUD": "zzz"}, tmp_path).advice == "it has: rig, rig-admin"
    put(tmp_path, "clouds:\n")
    assert refusal({"OS_CLOUD": "zzz"}, tmp_path).advice == "it has no entries"


def test_without_credentials_the_entries_are_offered(tmp_path: Path) -> None:
    put(tmp_path, RIG)
    failure = refusal({}, tmp_path)
    assert failure.what == "No credentials"
    assert failure.advice is not None
    assert "it has rig, rig-admin" in failure.advice


def test_an_application_credential_and_keys_in_an_entry(tmp_path: Path) -> None:
    by_credential = entry(
        tmp_path,
        """
    auth_type: v3applicationcredential
    auth:
      auth_url: https://k.example.org/v3
      application_credential_id: ac1
      application_credential_secret: ac-secret
""",
    )
    assert by_credential.login == ApplicationCredentialLogin(secret=Secret("ac-secret"), credential_id="ac1")
    by_keys = entry(tmp_path, "    profile: otc\n    region_name: eu-de\n    ak: AK1\n    sk: sk-secret\n")
    assert by_keys.login == KeyLogin("AK1", Secret("sk-secret"))


PASSWORD_ENTRY = "    auth: {username: u, password: pass-word, user_domain_name: d, project_name: p%s}\n"


def test_the_vendor_profile_of_open_telekom_cloud(tmp_path: Path) -> None:
    text = "    profile: otc\n" + PASSWORD_ENTRY % ""
    assert entry(tmp_path, text + "    region_name: eu-de\n").auth_url == "https://iam.eu-de.otc.t-systems.com/v3"
    assert entry(tmp_path, text, region="eu-nl").auth_url == "https://iam.eu-nl.otc.t-systems.com/v3"
    assert entry(tmp_path, text + "    regions: [eu-nl]\n").region == "eu-nl"
    assert refusal({"OS_CLOUD": "c"}, put(tmp_path, "clouds:\n  c:\n" + text).parent).why == (
        "the auth URL contains the region, and region_name is missing"
    )
    own_url = text + "    region_name: eu-de\n"
    own_url = own_url.replace("project_name: p", "project_name: p, auth_url: 'https://k.example.org/{region_name}/v3'")
    assert entry(tmp_path, own_url).auth_url == "https://k.example.org/eu-de/v3"


def test_an_unknown_vendor_profile_matters_only_without_an_auth_url(tmp_path: Path) -> None:
    put(tmp_path, "clouds:\n  c:\n    profile: rackspace\n" + PASSWORD_ENTRY % "")
    failure = refusal({"OS_CLOUD": "c"}, tmp_path)
    assert failure.why == 'line 3: the vendor profile "rackspace" is not known here'
    given = entry(tmp_path, "    profile: rackspace\n" + PASSWORD_ENTRY % ", auth_url: 'https://k.example.org/v3'")
    assert given.auth_url == "https://k.example.org/v3"


@pytest.mark.parametrize(
    "line", ["verify: false", "verify: no", "verify: 'False'", "insecure: true", "insecure: yes", "verify: 0"]
)
def test_certificates_are_always_checked(tmp_path: Path, line: str) -> None:
    put(tmp_path, f"clouds:\n  c:\n    {line}\n" + PASSWORD_ENTRY % ", auth_url: 'https://k.example.org/v3'")
    failure = refusal({"OS_CLOUD": "c"}, tmp_path)
    assert failure.why.startswith("line 3: ")
    assert failure.why.endswith("would switch off the check of certificates")


def test_a_ca_of_ones_own(tmp_path: Path) -> None:
    ca = put(tmp_path, "pem", "ca.pem")
    text = f"    verify: true\n    cacert: {ca}\n" + PASSWORD_ENTRY % ", auth_url: 'https://k.example.org/v3'"
    assert entry(tmp_path, text).ca_bundle == str(ca)
    gone = text.replace("ca.pem", "gone.pem")
    put(tmp_path, f"clouds:\n  c:\n{gone}")
    assert refusal({"OS_CLOUD": "c"}, tmp_path).what == "cacert cannot be used"


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666, 0o660])
def test_a_file_that_others_can_write_is_not_read(tmp_path: Path, mode: int) -> None:
    path = put(tmp_path, RIG, mode=mode)
    failure = refusal({"OS_CLOUD": "rig"}, tmp_path)
    assert failure.what == f"{path} was not read"
    assert failure.why == f"its mode {mode:04o} lets other users write it"
    assert failure.advice == f"after a look at it: chmod go-w {path}"


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, True), (0o644, True), (0o604, True)])
def test_a_secret_that_others_can_read_is_warned_of(tmp_path: Path, mode: int, warned: bool) -> None:
    path = put(tmp_path, RIG, mode=mode)
    expected = (f"{path} holds a secret and other users can read it: chmod 600 {path}",) if warned else ()
    assert choose({"OS_CLOUD": "rig"}, tmp_path).warnings == expected


def test_a_readable_file_without_a_secret_is_no_reason_to_warn(tmp_path: Path) -> None:
    put(tmp_path, RIG.replace("      password: rig-demo-pw\n", ""), mode=0o644)
    put(tmp_path, "clouds: {rig: {auth: {password: hidden-pw}}}", "secure.yaml")
    assert choose({"OS_CLOUD": "rig"}, tmp_path).warnings == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_warned_of(tmp_path: Path) -> None:
    path = put(tmp_path, RIG)
    os.chown(path, 12345, 12345)
    warning = f"{path} belongs to another user, who can change where your password is sent"
    assert choose({"OS_CLOUD": "rig"}, tmp_path).warnings == (warning,)


def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "clouds.yaml", 0o600)
    assert refusal({"OS_CLOUD": "rig"}, tmp_path).why == "it is not a regular file"


def test_a_huge_file_and_foreign_bytes(tmp_path: Path) -> None:
    put(tmp_path, "#" * (1024 * 1024 + 1))
    assert refusal({"OS_CLOUD": "rig"}, tmp_path).why == "it is larger than 1024 KiB"
    (tmp_path / "clouds.yaml").write_bytes(b"clouds:\n  c: \xff\xfe\n")
    assert refusal({"OS_CLOUD": "rig"}, tmp_path).why == "line 2 is not UTF-8"


BOMB = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nclouds: *c\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BOMB, "line 2: aliases (*name) are not followed in this file; write the values out"),
        ("base: &b {x: 1}\nclouds:\n  c:\n    <<: *b\n", "line 4: aliases (*name) are not followed in this file; "),
        ("clouds:\n  c: {}\n  c: {}\n", 'line 3: the key "c" comes twice'),
        ("clouds:\n  c:\n    auth: {password: hush-1, password: hush-2}\n", 'line 3: the key "password" comes twice'),
        ("clouds: {}\n---\nclouds: {}\n", "line 2: a second document begins here"),
        ("clouds:\n  c: !!python/object/apply:os.system [hush]\n", "line 2: tags (!name) are not used in this file"),
        ("clouds:\n  c: !x hush\n", "line 2: tags (!name) are not used in this file"),
        ("clouds: " + "[" * 30 + "]" * 30, "line 1: it is nested more than 20 deep"),
        ("clouds: " + "{a: " * 100000, "line 1: it is nested more than 20 deep"),
        ("? [a]\n: b\n", "line 1: a key must be a text"),
        ("clouds:\n  c:\n\tpassword: hush\n", "line 3: found character that cannot start any token"),
        ("clouds:\n  c: [hush\n  d: 1\n", "line 3: "),
        ("clouds: hush\n", 'line 1: "clouds" is not a table'),
        ("clouds:\n  c: hush\n", 'line 2: "c" is not a table'),
        ("clouds:\n  c:\n    auth: hush\n", 'line 3: "auth" is not a table'),
        ("clouds:\n  c:\n    auth:\n      password: [hush]\n", 'line 4: "password" is not a text'),
        ('clouds:\n  c:\n    auth:\n      username: "a\\eb"\n', 'line 4: "username" holds a character that cannot be'),
        ("- clouds\n", 'it holds no table; "clouds:" is expected at its top'),
        ("", 'it holds no table; "clouds:" is expected at its top'),
        ("clouds: hush\x00\n", "it holds characters that YAML does not allow"),
    ],
)
def test_a_file_that_cannot_be_understood(tmp_path: Path, text: str, why: str) -> None:
    path = put(tmp_path, text)
    failure = refusal({"OS_CLOUD": "c"}, tmp_path)
    assert failure.what == f"{path} cannot be used"
    assert failure.why.startswith(why)
    assert "hush" not in f"{failure.args} {failure.advice}"


def test_numbers_stay_the_text_they_are_and_nothing_is_nothing() -> None:
    read = read_yaml("id: 00123\nquoted: '~'\nnone: ~\nempty:\nlist: [1.10, yes]\n", "x.yaml")
    assert read == Table(
        {
            "id": Text("00123", quoted=False, line=1),
            "quoted": Text("~", quoted=True, line=2),
            "none": Text("~", quoted=False, line=3),
            "empty": Text("", quoted=False, line=4),
            "list": Listing((Text("1.10", quoted=False, line=5), Text("yes", quoted=False, line=5)), line=5),
        },
        line=1,
    )
    nothing = [name for name, node in read.entries.items() if isinstance(node, Text) and node.is_nothing]
    assert nothing == ["none", "empty"]


def test_the_older_spelling_with_hyphens_and_without_auth(tmp_path: Path) -> None:
    identity = entry(
        tmp_path,
        "    auth-url: https://k.example.org/v3\n    username: u\n    password: pass-word\n"
        "    user-domain-id: default\n    project-id: '0123'\n    endpoint_type: internal\n",
    )
    assert identity.login == PasswordLogin(password=Secret("pass-word"), user_name="u", user_domain_id="default")
    assert identity.scope == Scope(project_id="0123")
    assert identity.interface == "internal"
