"""`evs-tui profiles`: what is listed, added, tested, forgotten and removed, and in which words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import Cli, Process, variables_of
from tests.cli.schemas import CHECKS, PROFILES, VOLUMES
from tests.simulator import Simulator

CONFIG = ".config/evs-tui/config.toml"


def options(cloud: Simulator, **changes: str) -> list[str]:
    known = cloud.credential
    given = {
        "--cloud": "otc",
        "--auth-url": cloud.environment()["OS_AUTH_URL"],
        "--user": known.username,
        "--user-domain": known.user_domain,
        "--region": known.region,
        "--project": known.project,
        **changes,
    }
    return [word for pair in given.items() for word in pair]


def add(cli: Cli, cloud: Simulator, *more: str, **changes: str) -> None:
    ended = cli("profiles", "add", "prod", *options(cloud, **changes), *more, stdin="")
    assert ended.code == 0, ended.err


def test_no_profiles(cli: Cli) -> None:
    ended = cli("profiles")
    assert (ended.code, ended.out, ended.err) == (0, "", "No profiles. evs-tui profiles add NAME makes one.\n")
    assert cli("profiles", "list", "--output", "json").document(PROFILES)["profiles"] == []


def test_on_a_host_without_a_keyring_the_secret_stays_with_the_person(
    cli: Cli, quick_cloud: Simulator, own_environment: Path
) -> None:
    ended = cli("profiles", "add", "prod", *options(quick_cloud), "--production", "--read-only", stdin="")
    assert ended.err.splitlines() == [
        "The secret is not kept: no keyring (no D-Bus session), as usual on a jump host.",
        "  It is asked for at every start; --keep-in file keeps it in a file that a passphrase opens.",
        "Added profile prod. Its secret is asked for at every start.",
        "  Try it: evs-tui profiles test prod",
    ]
    (profile,) = cli("profiles", "--output", "json").document(PROFILES)["profiles"]
    known = quick_cloud.credential
    assert profile == {
        "name": "prod",
        "id": profile["id"],
        "default": True,
        "cloud": "otc",
        "auth_url": quick_cloud.environment()["OS_AUTH_URL"],
        "region": known.region,
        "project": known.project,
        "method": "password",
        "user": known.username,
        "read_only": True,
        "production": True,
        "secret": {"place": "session", "state": "ready"},
    }
    assert cli("profiles").out.splitlines()[1].endswith("memory, until evs-tui ends  default PRODUCTION READ-ONLY")
    assert (own_environment / CONFIG).stat().st_mode & 0o777 == 0o600


def test_without_a_terminal_a_missing_secret_is_named(cli: Cli, quick_cloud: Simulator) -> None:
    add(cli, quick_cloud)
    error = cli("volumes", "--output", "json").error()
    assert (error["exit_code"], error["what"]) == (2, "The password of profile prod must be given")
    assert "create_token" not in quick_cloud.counters()


def test_at_a_terminal_one_line_says_where_the_secret_is_and_it_is_asked_for_once(
    cli: Cli, quick_cloud: Simulator
) -> None:
    add(cli, quick_cloud)
    program = Process("--profile", "prod", "volumes", variables={"OS_CLOUD": "ignored"}, terminal=True)
    program.read_until("Password of profile prod: ")
    program.type(f"{quick_cloud.credential.password}\n")
    ended = program.end()
    assert ended.code == 0, ended.err
    said = [line for line in ended.err.splitlines() if line.strip()]
    assert said[0] == "The password of profile prod is kept in memory alone, until this command ends."
    assert said[1].startswith("Password of profile prod:")
    assert said[2] == "Signed in by profile prod; OS_* ignored."
    assert quick_cloud.credential.password not in ended.err


def test_a_read_only_profile_sends_nothing_that_changes(cli: Cli, quick_cloud: Simulator) -> None:
    add(cli, quick_cloud, "--read-only")
    volume_id = quick_cloud.volume_ids("available")[0]
    program = Process("export", volume_id, "--name", "n", "--yes", variables={}, terminal=True)
    program.read_until("Password of profile prod: ")
    program.type(f"{quick_cloud.credential.password}\n")
    ended = program.end()
    assert ended.code == 6
    assert "Nothing was exported: the profile prod is read-only" in ended.err
    assert "export" not in quick_cloud.counters()


def test_every_step_of_a_test_is_told(cli: Cli, quick_cloud: Simulator) -> None:
    add(cli, quick_cloud)
    program = Process("profiles", "test", "prod", variables={}, terminal=True)
    program.read_until("Password of profile prod: ")
    program.type(f"{quick_cloud.credential.password}\n")
    ended = program.end()
    assert ended.code == 0, ended.err
    ids = [line.split(":")[0] for line in ended.out.splitlines()]
    assert ids == [
        "- name resolution",
        "- TLS",
        "✓ login",
        "✓ project",
        "✓ right to list volumes",
        "✓ right to list images",
        "✓ right to list servers",
    ]


@pytest.mark.parametrize(
    ("password", "changes", "code", "failed", "words"),
    [
        ("Mistyped-77", {}, 4, "login", "Signing in was refused: The username or password is wrong."),
        (None, {"--auth-url": "http://127.0.0.1:9/v3"}, 5, "login", "Signing in failed: "),
        (None, {"--auth-url": "https://127.0.0.1:9/v3"}, 5, "tls", "no connection to 127.0.0.1:9: connection refused"),
        (None, {"--auth-url": "https://nowhere.invalid/v3"}, 5, "name", "the name nowhere.invalid leads nowhere: "),
    ],
)
def test_the_first_failing_step_says_what_to_do_and_the_rest_is_not_tried(
    cli: Cli,
    quick_cloud: Simulator,
    password: str | None,
    changes: dict[str, str],
    code: int,
    failed: str,
    words: str,
) -> None:
    add(cli, quick_cloud, **changes)
    program = Process("profiles", "test", "prod", "--output", "json", variables={}, terminal=True)
    program.read_until("Password of profile prod: ")
    program.type(f"{password or quick_cloud.credential.password}\n")
    ended = program.end()
    assert ended.code == code
    document = ended.document(CHECKS)
    assert document["ok"] is False
    checks = {check["id"]: check for check in document["checks"]}
    assert checks[failed]["state"] == "fail"
    assert checks[failed]["found"].startswith(words)
    assert checks[failed]["remedy"]
    after = list(checks)[list(checks).index(failed) + 1 :]
    assert {checks[name]["state"] for name in after} == {"skipped"}


def test_a_missing_right_is_named_and_servers_are_no_failure(cli: Cli, quick_cloud: Simulator) -> None:
    add(cli, quick_cloud)
    quick_cloud.add_fault(operation="list_servers", process=False, status=403, body="{}")
    program = Process("profiles", "test", "prod", "--output", "json", variables={}, terminal=True)
    program.read_until("Password of profile prod: ")
    program.type(f"{quick_cloud.credential.password}\n")
    ended = program.end()
    checks = {check["id"]: check for check in ended.document(CHECKS)["checks"]}
    assert (ended.code, checks["servers"]["state"]) == (0, "warn")


def test_the_demo_tests_its_own_cloud(cli: Cli, own_environment: Path) -> None:
    document = cli("--demo", "profiles", "test", "demo", "--output", "json").document(CHECKS)
    assert [check["state"] for check in document["checks"]] == ["skipped", "skipped", "ok", "ok", "ok", "ok", "ok"]
    assert [path for path in own_environment.rglob("*") if path.is_file()] == []


CLOUDS = """\
clouds:
  shop:
    region_name: {region}
    auth: {{auth_url: "{url}", username: {user}, password: "{password}", user_domain_name: {domain},
            project_name: {project}}}
"""


def test_an_entry_of_clouds_yaml_is_taken_over_into_the_encrypted_file(
    cli: Cli, quick_cloud: Simulator, own_environment: Path
) -> None:
    known = quick_cloud.credential
    place = own_environment / ".config" / "openstack"
    place.mkdir(parents=True)
    url = quick_cloud.environment()["OS_AUTH_URL"]
    file = place / "clouds.yaml"
    file.write_text(
        CLOUDS.format(
            region=known.region, url=url, user=known.username, password=known.password, domain=known.user_domain,
            project=known.project,
        ),
        encoding="utf-8",
    )  # fmt: skip
    file.chmod(0o600)
    program = Process(
        *("profiles", "add", "shop", "--from-cloud", "shop", "--cloud", "otc", "--keep-in", "file"),
        variables={}, terminal=True,
    )  # fmt: skip
    program.read_until("New passphrase of the encrypted file: ")
    program.type("correct horse\n")
    program.read_until("The same passphrase once more: ")
    program.type("correct horse\n")
    ended = program.end()
    assert ended.code == 0, ended.err
    assert "Its secret is in clouds.yaml too: take it out there when no other tool needs it." in ended.err
    store = own_environment / ".local/state/evs-tui/credentials.enc"
    assert known.password not in store.read_text(encoding="utf-8") + (own_environment / CONFIG).read_text("utf-8")
    program = Process("volumes", "--profile", "shop", "--output", "json", variables={}, terminal=True)
    program.read_until("Passphrase of the encrypted file: ")
    program.type("correct horse\n")
    ended = program.end()
    assert ended.code == 0, ended.err
    assert ended.document(VOLUMES)["context"]["profile"] == "shop"
    program = Process("volumes", "--profile", "shop", variables={}, terminal=True)
    program.read_until("Passphrase of the encrypted file: ")
    program.type("wrong horse\n")
    ended = program.end()
    assert ended.code == 2
    assert "The encrypted file was not opened: the passphrase is wrong, or the file is damaged" in ended.err


def test_removing_takes_the_profile_and_leaves_the_comments(
    cli: Cli, quick_cloud: Simulator, own_environment: Path
) -> None:
    add(cli, quick_cloud)
    config = own_environment / CONFIG
    config.write_text("# mine\nin_flight = 2\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
    ended = cli("profiles", "remove", "prod")
    assert (ended.code, ended.err) == (0, "Removed profile prod from config.toml; no secret was kept for it.\n")
    assert config.read_text(encoding="utf-8").startswith("# mine\nin_flight = 2\n")
    assert cli("profiles", "remove", "prod").code == 2


def test_a_change_of_a_mark_asks_for_no_secret(cli: Cli, quick_cloud: Simulator) -> None:
    add(cli, quick_cloud)
    ended = cli("profiles", "add", "prod", "--production", stdin="")
    assert (ended.code, ended.err) == (0, "Changed profile prod; its secret is where it was.\n")
    (profile,) = cli("profiles", "--output", "json").document(PROFILES)["profiles"]
    assert (profile["production"], profile["user"]) == (True, quick_cloud.credential.username)


def test_a_chosen_profile_goes_before_complete_variables(cli: Cli, quick_cloud: Simulator) -> None:
    add(cli, quick_cloud)
    cli.variables = variables_of(quick_cloud)
    context = cli("volumes", "--output", "json").document(VOLUMES)["context"]
    assert (context["source"], context["profile"]) == ("environment OS_*", None)
    assert cli("--profile", "prod", "volumes").code == 2


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["frob"], '"frob" is nothing that profiles does: choose list, add, test, forget, remove'),
        (["test"], "test needs the name of one profile"),
        (["remove", "a", "b"], "remove needs the name of one profile"),
        (["list", "a"], "list takes no name"),
        (["--user", "x"], "--user belongs to add"),
        (["add", "x", "--password", "hush"], "evs-tui does not know --password"),
        (["add", "x", "--secret", "hush"], "evs-tui does not know --secret"),
    ],
)
def test_what_the_command_line_does_not_take(cli: Cli, words: list[str], why: str) -> None:
    error = cli("profiles", *words, "--output", "json").error()
    assert (error["exit_code"], error["why"]) == (2, why)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["add", "x"],
            "Profile x was not added: missing: --auth-url, --user, --user-domain, --project",
        ),
        (
            ["add", "x", "--auth-url", "http://cloud.example.org/v3", "--user", "u", "--user-domain", "d"],
            "The auth URL cannot be used: http://cloud.example.org/v3 is plain http: passwords and tokens would travel",
        ),
        (
            ["add", "x", "--auth-url", "https://u:p@cloud.example.org/v3", "--user", "u", "--user-domain", "d"],
            "The auth URL cannot be used: it holds a user name or a password, which belong elsewhere",
        ),
        (["add", "a b"], '"a b" cannot be the name of a profile: a name has 1 to 40 letters, digits'),
        (["test", "x"], 'There is no profile "x": no profile of this name is in config.toml'),
        (["forget", "x"], 'There is no profile "x": no profile of this name is in config.toml'),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_and_nothing_is_written(
    cli: Cli, words: list[str], message: str, own_environment: Path
) -> None:
    ended = cli("profiles", *words, stdin="")
    assert ended.code == 2
    assert ended.err.startswith(f"evs-tui: {message}")
    assert not (own_environment / CONFIG).exists()


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ('[profiles.prod]\npassword = "hush"\n', 0o600, 'the key "profiles.prod.password" looks like a secret'),
        ("[profiles.prod]\n", 0o622, "its mode 0622 lets other users write it"),
    ],
)
def test_an_unsafe_configuration_is_refused_and_not_changed(
    cli: Cli, own_environment: Path, text: str, mode: int, words: str
) -> None:
    config = own_environment / CONFIG
    config.parent.mkdir(parents=True)
    config.write_text(text, encoding="utf-8")
    config.chmod(mode)
    for command in (["profiles"], ["volumes"], ["profiles", "add", "x"]):
        ended = cli(*command, "--output", "json")
        assert ended.code == 2
        assert words in ended.error()["why"]
        assert "hush" not in ended.out + ended.err
    assert config.read_text(encoding="utf-8") == text


def test_secrets_come_from_standard_input_one_a_line(cli: Cli, quick_cloud: Simulator, own_environment: Path) -> None:
    given = ["--method", "access-key", "--keep-in", "keyring"]
    ended = cli("profiles", "add", "key", *options(quick_cloud), *given, stdin="AKIA\n\n")
    assert ended.code == 2
    assert ended.err.splitlines()[0] == "evs-tui: The secret key of profile key cannot be used: it is empty"
    ended = cli("profiles", "add", "key", *options(quick_cloud), *given, stdin="AKIA\nsecret-key-value\n")
    assert ended.code == 2
    assert ended.err.splitlines()[0] == "evs-tui: The secret was not kept: no keyring (no D-Bus session)"
    assert not (own_environment / CONFIG).exists()
    assert "secret-key-value" not in json.dumps([ended.out, ended.err])
