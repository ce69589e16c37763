from __future__ import annotations

import stat
from pathlib import Path

import pytest

from evs_tui.config.editing import remove_profile, save_profile
from evs_tui.config.paths import Paths
from evs_tui.config.profiles import Profile, checked_profile_name, table_of
from evs_tui.config.settings import load_settings
from evs_tui.failure import ConfigFailure, UsageFailure

ID = "0123456789abcdef"
PROD = Profile(
    name="prod",
    id=ID,
    cloud="otc",
    auth_url="https://iam.eu-de.otc.t-systems.com/v3",
    region="eu-de",
    regions=("eu-de", "eu-nl"),
    project="eu-de_prod",
    user="exporter",
    user_domain="OTC-EU-DE-0001",
    endpoints={"evs": "https://evs.eu-de.otc.t-systems.com"},
    ca_bundle="/etc/ssl/own.pem",
    read_only=True,
    production=True,
    keep_in="keyring",
)
WRITTEN_BY_HAND = """\
# My settings.
in_flight = 7  # the cloud takes more

# Where I work.
[profiles.prod]   # careful
id = "0123456789abcdef"
method = "password"
user = "exporter" # from the team's list
read_only = true

[keys]
export = "f5" # as in the old tool
"""


def paths_of(directory: Path, text: str | None = None) -> Paths:
    paths = Paths(directory / "config", directory / "state")
    if text is not None:
        paths.config_dir.mkdir(mode=0o700)
        paths.config_file.write_text(text, encoding="utf-8")
        paths.config_file.chmod(0o600)
    return paths


def refusal(directory: Path, text: str) -> ConfigFailure:
    with pytest.raises(ConfigFailure) as caught:
        load_settings(paths_of(directory, text), {})
    return caught.value


def test_what_is_saved_is_read_again_whole(tmp_path: Path) -> None:
    paths = paths_of(tmp_path)
    save_profile(paths, PROD, default=True)
    save_profile(paths, Profile("test", "f" * 16))
    settings = load_settings(paths, {})
    assert settings.profiles == {"prod": PROD, "test": Profile("test", "f" * 16)}
    assert settings.default_profile == "prod"
    assert stat.S_IMODE(paths.config_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(paths.config_dir.stat().st_mode) == 0o700
    assert [path.name for path in paths.config_dir.iterdir()] == ["config.toml"]


def test_what_is_at_its_default_is_not_written() -> None:
    assert table_of(Profile("test", ID)) == {"id": ID, "method": "password", "keep_in": "session"}


def test_a_change_keeps_every_comment_and_every_other_line(tmp_path: Path) -> None:
    paths = paths_of(tmp_path, WRITTEN_BY_HAND)
    save_profile(paths, Profile("prod", ID, user="reader", region="eu-de"), default=True)
    assert paths.config_file.read_text(encoding="utf-8") == (
        "# My settings.\n"
        'default_profile = "prod"\n'
        "\n"
        "in_flight = 7  # the cloud takes more\n"
        "\n"
        "# Where I work.\n"
        "[profiles.prod]   # careful\n"
        'id = "0123456789abcdef"\n'
        'method = "password"\n'
        'user = "reader" # from the team\'s list\n'
        'region = "eu-de"\n'
        'keep_in = "session"\n'
        "\n"
        "[keys]\n"
        'export = "f5" # as in the old tool\n'
    )


def test_a_profile_is_removed_alone(tmp_path: Path) -> None:
    paths = paths_of(tmp_path, WRITTEN_BY_HAND)
    save_profile(paths, PROD, default=True)
    save_profile(paths, Profile("test", "f" * 16))
    remove_profile(paths, "prod")
    settings = load_settings(paths, {})
    assert (list(settings.profiles), settings.default_profile, settings.in_flight) == (["test"], None, 7)
    remove_profile(paths, "test")
    remove_profile(paths, "nobody")
    text = paths.config_file.read_text(encoding="utf-8")
    assert "profiles" not in text
    assert "# the cloud takes more" in text
    assert "# as in the old tool" in text


@pytest.mark.parametrize("text", ['password = "hush"\n', "in_flight = \n", "colour = 3\n"])
def test_a_file_that_is_refused_is_not_changed(tmp_path: Path, text: str) -> None:
    paths = paths_of(tmp_path, text)
    with pytest.raises(ConfigFailure):
        save_profile(paths, PROD)
    assert paths.config_file.read_text(encoding="utf-8") == text


def test_what_would_be_refused_afterwards_is_not_written(tmp_path: Path) -> None:
    paths = paths_of(tmp_path, "in_flight = 5\n")
    with pytest.raises(ConfigFailure):
        save_profile(paths, Profile("prod", ID, user=" exporter"))
    assert paths.config_file.read_text(encoding="utf-8") == "in_flight = 5\n"


def test_a_link_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    paths = paths_of(tmp_path, "in_flight = 5\n")
    real = tmp_path / "dotfiles.toml"
    paths.config_file.rename(real)
    paths.config_file.symlink_to(real)
    with pytest.raises(ConfigFailure) as caught:
        save_profile(paths, PROD)
    assert str(caught.value) == (
        f"{paths.config_file} cannot be changed: it is a symbolic link, and the change would put a file in its place"
    )
    assert paths.config_file.is_symlink()
    assert real.read_text(encoding="utf-8") == "in_flight = 5\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("profiles = 3", "[profiles] must hold tables: [profiles.NAME]"),
        ("[profiles]\nprod = 3", "[profiles.prod] must be a table"),
        ("[profiles.prod]", "[profiles.prod] has no id"),
        ('[profiles."a b"]\nid = "0123456789abcdef"', '"a b" cannot be the name of a profile'),
        ("[profiles.prod]\nid = 3", "[profiles.prod]: id must be 16 hexadecimal digits"),
        ('[profiles.prod]\nid = "../../../etc"', "[profiles.prod]: id must be 16 hexadecimal digits"),
        ('[profiles.prod]\nuesr = "x"', '[profiles.prod]: the key "uesr" is unknown'),
        ('[profiles.prod]\nuser = ""', "[profiles.prod]: user must be a text without blanks at its ends"),
        ('[profiles.prod]\nuser = "\\u001b[2J"', "[profiles.prod]: user must be a text without blanks at its ends"),
        ("[profiles.prod]\nread_only = 1", "[profiles.prod]: read_only must be true or false"),
        (
            '[profiles.prod]\nkeep_in = "file.txt"',
            "[profiles.prod]: keep_in must be one of keyring, session, file",
        ),
        (
            '[profiles.prod]\ncloud = "aws"',
            "[profiles.prod]: cloud must be one of otc, huaweicloud, flexible-engine, openstack",
        ),
        (
            '[profiles.prod.endpoints]\ns3 = "https://x"',
            "[profiles.prod]: endpoints must be a table of URLs by service (iam, evs, ims, ecs)",
        ),
        ('[profiles.prod]\nregions = "eu-de"', "[profiles.prod]: regions must be a list of texts"),
        ('default_profile = "prod"', "default_profile names no profile of this file"),
        (
            '[profiles.a]\nid = "0123456789abcdef"\n[profiles.b]\nid = "0123456789abcdef"',
            "the profiles a and b have the same id, and each keeps its own secret",
        ),
        (
            '[profiles.prod]\nsecret_key = "hush"',
            'the key "profiles.prod.secret_key" looks like a secret, and secrets have no place in this file',
        ),
    ],
)
def test_what_cannot_be_understood_is_named(tmp_path: Path, text: str, why: str) -> None:
    failure = refusal(tmp_path, text)
    assert failure.why == why
    assert failure.exit_code == 2
    assert "hush" not in f"{failure} {failure.advice}"


def test_names_that_a_profile_may_have() -> None:
    assert [checked_profile_name(name) for name in ("prod", "eu-de.test_2", "9", "a" * 40)]
    for name in ("", "-x", ".x", "a b", "ä", "a/b", "a" * 41, "x\n"):
        with pytest.raises(UsageFailure):
            checked_profile_name(name)
