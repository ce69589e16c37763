from __future__ import annotations

from pathlib import Path

import pytest

from evs_tui.cloud.identity import (
    ApplicationCredentialLogin,
    Identity,
    KeyLogin,
    PasswordLogin,
    Scope,
    TokenLogin,
)
from evs_tui.credentials.choose import choose_identity
from evs_tui.failure import ConfigFailure, ExitCode, Failure, UsageFailure
from evs_tui.secret import Secret

PASSWORD = {
    "OS_AUTH_URL": "https://iam.eu-de.otc.t-systems.com/v3",
    "OS_USERNAME": "exporter",
    "OS_PASSWORD": "correct horse",
    "OS_USER_DOMAIN_NAME": "OTC00000000001000000999",
    "OS_PROJECT_NAME": "eu-de_demo",
    "OS_REGION_NAME": "eu-de",
}
CREDENTIAL = {
    "OS_AUTH_URL": "https://keystone.example.org/v3",
    "OS_APPLICATION_CREDENTIAL_ID": "ac1",
    "OS_APPLICATION_CREDENTIAL_SECRET": "ac-secret",
}
TOKEN = {"OS_AUTH_URL": "https://keystone.example.org/v3", "OS_TOKEN": "gAAAA-token"}
PROJECT_ID = "0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f6"


def choose(
    environ: dict[str, str], *, profile: str | None = None, region: str | None = None, project: str | None = None
) -> Identity:
    return choose_identity(profile=profile, region=region, project=project, environ=environ, places=())


def refusal(environ: dict[str, str], **options: str) -> Failure:
    with pytest.raises(ConfigFailure) as caught:
        choose(environ, **options)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value


def test_a_password_from_the_environment() -> None:
    assert choose(dict(PASSWORD)) == Identity(
        source="environment OS_*",
        secret_place="environment",
        login=PasswordLogin(
            password=Secret("correct horse"),
            user_name="exporter",
            user_domain_name="OTC00000000001000000999",
        ),
        auth_url="https://iam.eu-de.otc.t-systems.com/v3",
        scope=Scope(project_name="eu-de_demo"),
        region="eu-de",
    )


def test_user_and_domain_ids_and_the_older_names() -> None:
    environ = {
        "OS_AUTH_URL": "https://keystone.example.org/v3",
        "OS_USER_ID": "u1",
        "OS_PASSWORD": "pw-1234",
        "OS_PASSCODE": "123456",
        "OS_TENANT_NAME": "demo",
        "OS_PROJECT_DOMAIN_ID": "d1",
        "OS_PROJECT_DOMAIN_NAME": "not used, the id is there",
        "OS_INTERFACE": "internalURL",
    }
    identity = choose(environ)
    assert identity.login == PasswordLogin(password=Secret("pw-1234"), user_id="u1", passcode=Secret("123456"))
    assert identity.scope == Scope(project_name="demo", project_domain_id="d1")
    assert identity.interface == "internal"


def test_the_account_name_may_come_as_os_domain_name() -> None:
    environ = {**PASSWORD, "OS_DOMAIN_NAME": "account"}
    del environ["OS_USER_DOMAIN_NAME"]
    login = choose(environ).login
    assert isinstance(login, PasswordLogin)
    assert login.user_domain_name == "account"


def test_an_application_credential_by_id_and_by_name() -> None:
    assert choose(dict(CREDENTIAL)).login == ApplicationCredentialLogin(secret=Secret("ac-secret"), credential_id="ac1")
    by_name = {
        "OS_AUTH_TYPE": "v3applicationcredential",
        "OS_AUTH_URL": "https://keystone.example.org/v3",
        "OS_APPLICATION_CREDENTIAL_NAME": "nightly",
        "OS_APPLICATION_CREDENTIAL_SECRET": "ac-secret",
        "OS_USERNAME": "exporter",
        "OS_USER_DOMAIN_ID": "default",
    }
    assert choose(by_name).login == ApplicationCredentialLogin(
        secret=Secret("ac-secret"), credential_name="nightly", user_name="exporter", user_domain_id="default"
    )


def test_a_token_loses_the_line_end_it_was_copied_with() -> None:
    assert choose({**TOKEN, "OS_TOKEN": " gAAAA-token\n"}).login == TokenLogin(token=Secret("gAAAA-token"))


@pytest.mark.parametrize("token", ["two words", "mit-Ümlaut", "a\x1bb", "a\nb"])
def test_what_no_header_can_carry_is_no_token(token: str) -> None:
    failure = refusal({**TOKEN, "OS_TOKEN": token})
    assert str(failure) == "OS_TOKEN cannot be used: it holds characters that no token has"
    assert token not in repr(failure.args)


def test_the_first_complete_way_wins_and_the_others_are_named() -> None:
    keys = {"HW_ACCESS_KEY": "ak", "HW_SECRET_KEY": "sk-secret"}
    everything = {**TOKEN, **CREDENTIAL, **PASSWORD, **keys}
    first = choose(dict(everything))
    assert isinstance(first.login, PasswordLogin)
    assert first.ignored == ("HW_SECRET_KEY", "OS_APPLICATION_CREDENTIAL_SECRET", "OS_TOKEN")
    del everything["OS_PASSWORD"]
    assert isinstance(choose(dict(everything)).login, ApplicationCredentialLogin)
    del everything["OS_APPLICATION_CREDENTIAL_SECRET"]
    assert isinstance(choose(dict(everything)).login, TokenLogin)
    del everything["OS_TOKEN"]
    last = choose(dict(everything))
    assert last.login == KeyLogin(access_key="ak", secret_key=Secret("sk-secret"))
    assert last.source == "environment HW_*"


def test_auth_type_decides_even_against_a_complete_way() -> None:
    assert isinstance(choose({**PASSWORD, **TOKEN, "OS_AUTH_TYPE": "v3token"}).login, TokenLogin)
    assert isinstance(choose({**PASSWORD, **TOKEN, "OS_AUTH_TYPE": "v3password"}).login, PasswordLogin)
    failure = refusal({**PASSWORD, "OS_AUTH_TYPE": "token"})
    assert str(failure) == "The credentials are incomplete (environment OS_*): missing for a token: OS_TOKEN"
    assert failure.advice == "fill it in (OS_PASSWORD played no part: one source is used whole)"


def test_a_way_with_a_passcode_is_complete_without_one_because_it_is_asked_for() -> None:
    login = choose({**PASSWORD, "OS_AUTH_TYPE": "v3multifactor"}).login
    assert isinstance(login, PasswordLogin)
    assert (login.passcode, login.needs_passcode) == (None, True)
    failure = refusal({**{k: v for k, v in PASSWORD.items() if k != "OS_PASSWORD"}, "OS_AUTH_TYPE": "v3multifactor"})
    assert failure.why == "missing for a password and a passcode: OS_PASSWORD"


def test_an_unknown_auth_type_is_refused() -> None:
    failure = refusal({**PASSWORD, "OS_AUTH_TYPE": "v3oidcpassword"})
    assert str(failure) == 'OS_AUTH_TYPE cannot be used: "v3oidcpassword" is not a way to sign in that evs-tui knows'
    assert failure.advice is not None
    assert "v3applicationcredential" in failure.advice


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        (
            {"OS_USERNAME": "x"},
            "a password: OS_AUTH_URL, OS_USER_DOMAIN_NAME, OS_PASSWORD, OS_PROJECT_NAME",
        ),
        (
            {"OS_AUTH_URL": "https://keystone.example.org/v3"},
            "a password: OS_USERNAME, OS_USER_DOMAIN_NAME, OS_PASSWORD, OS_PROJECT_NAME",
        ),
        ({k: v for k, v in PASSWORD.items() if k != "OS_PASSWORD"}, "a password: OS_PASSWORD"),
        ({**PASSWORD, "OS_PASSWORD": ""}, "a password: OS_PASSWORD"),
        ({k: v for k, v in PASSWORD.items() if k != "OS_AUTH_URL"}, "a password: OS_AUTH_URL"),
        ({"OS_TOKEN": "t0ken"}, "a token: OS_AUTH_URL"),
        (
            {"OS_APPLICATION_CREDENTIAL_ID": "a"},
            "an application credential: OS_AUTH_URL, OS_APPLICATION_CREDENTIAL_SECRET",
        ),
        ({"OS_ACCESS_KEY": "ak", "OS_AUTH_URL": "https://iam.myhuaweicloud.com"}, "an access key: OS_SECRET_KEY"),
        ({"HUAWEICLOUD_SDK_SK": "sk-secret"}, "an access key: HUAWEICLOUD_SDK_AK"),
        ({"HW_ACCESS_KEY": "ak"}, "an access key: HW_SECRET_KEY"),
    ],
)
def test_a_half_filled_source_names_what_is_missing(there: dict[str, str], missing: str) -> None:
    failure = refusal({**there})
    assert failure.what.startswith("The credentials are incomplete (environment ")
    assert failure.why == f"missing for {missing}"


def test_nothing_at_all() -> None:
    for environ in ({}, {"OS_REGION_NAME": "eu-de"}, {"OS_AUTH_TYPE": "password", "OS_INTERFACE": "public"}):
        failure = refusal(environ)
        assert failure.what == "No credentials"
        assert failure.why == "neither OS_CLOUD nor OS_* variables nor those of an access key say who signs in where"
        assert failure.advice is not None
        for name in ("OS_CLOUD", "OS_AUTH_URL", "OS_PASSWORD", "OS_USER_DOMAIN_NAME", "OS_PROJECT_NAME", "--demo"):
            assert name in failure.advice


def test_the_project_may_come_from_the_option_or_be_the_regions_own() -> None:
    environ = {k: v for k, v in PASSWORD.items() if k != "OS_PROJECT_NAME"}
    assert choose(dict(environ)).scope == Scope(project_name="eu-de")
    assert choose(dict(environ), region="eu-nl").scope == Scope(project_name="eu-nl")
    assert choose(dict(environ), project="other").scope == Scope(project_name="other")
    elsewhere = {**environ, "OS_AUTH_URL": "https://keystone.example.org/v3"}
    assert refusal(dict(elsewhere)).why == "missing for a password: OS_PROJECT_NAME"
    assert choose({**elsewhere, "EVS_TUI_DIALECT": "huaweicloud"}).scope == Scope(project_name="eu-de")
    assert choose(dict(elsewhere), project="other").scope == Scope(project_name="other")


def test_a_project_of_32_hexadecimal_digits_is_an_id() -> None:
    environ = {**PASSWORD, "OS_PROJECT_DOMAIN_NAME": "dom"}
    assert choose(dict(environ), project=PROJECT_ID).scope == Scope(project_id=PROJECT_ID)
    for name in (PROJECT_ID[:-1], PROJECT_ID + "0", "g" + PROJECT_ID[1:]):
        assert choose(dict(environ), project=name).scope == Scope(project_name=name, project_domain_name="dom")


@pytest.mark.parametrize(("option", "value"), [("region", ""), ("project", "  "), ("project", "a\x1b[2Jb")])
def test_an_option_that_no_name_can_be(option: str, value: str) -> None:
    with pytest.raises(UsageFailure, match=f"--{option} cannot be used"):
        choose(dict(PASSWORD), **{option: value})


def test_region_dialect_endpoints_and_ca_lie_over_the_source(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("-----BEGIN CERTIFICATE-----\n")
    identity = choose(
        {
            **PASSWORD,
            "EVS_TUI_DIALECT": "openstack",
            "EVS_TUI_ENDPOINT_EVS": "https://evs.example.org/v3/abc",
            "EVS_TUI_ENDPOINT_IAM": "http://127.0.0.1:15000/v3",
            "OS_CACERT": str(ca),
        },
        region="eu-nl",
    )
    assert identity.region == "eu-nl"
    assert identity.dialect == "openstack"
    assert dict(identity.endpoints) == {"iam": "http://127.0.0.1:15000", "evs": "https://evs.example.org"}
    assert identity.ca_bundle == str(ca)


@pytest.mark.parametrize("name", ["OS_AUTH_URL", "EVS_TUI_ENDPOINT_IAM", "EVS_TUI_ENDPOINT_ECS"])
@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://iam.example.org/v3", "is plain http"),
        ("http://127.0.0.1.example.org/v3", "is plain http"),
        ("http://localhost.example.org", "is plain http"),
        ("ftp://iam.example.org", "does not begin with https://"),
        ("iam.example.org/v3", "does not begin with https://"),
        ("https://user:pa55word@iam.example.org/v3", "it holds a user name or a password"),
        ("https:///v3", "names no usable host"),
        ("https://iam.example.org/v3?x=1", "has a query or a fragment"),
        ("https://iam.example.org:99999/v3", "is not a URL"),
    ],
)
def test_where_no_request_may_be_sent(name: str, url: str, why: str) -> None:
    failure = refusal({**PASSWORD, name: url})
    assert failure.what == f"{name} cannot be used"
    assert why in failure.why
    assert "pa55word" not in str(failure)


@pytest.mark.parametrize("url", ["http://127.0.0.1:5000/v3", "http://localhost:5000", "http://[::1]:5000/v3"])
def test_plain_http_to_this_machine(url: str) -> None:
    assert choose({**PASSWORD, "OS_AUTH_URL": url}).auth_url == url


def test_the_identity_api_of_version_2_is_refused() -> None:
    failure = refusal({**PASSWORD, "OS_AUTH_URL": "https://keystone.example.org:5000/v2.0/"})
    assert failure.why == "it names version 2 of the identity API"


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("EVS_TUI_DIALECT", "azure", '"azure" is not known'),
        ("OS_INTERFACE", "private", '"private" is not an interface'),
        ("OS_CACERT", "/nowhere/ca.pem", "/nowhere/ca.pem: no such file or directory"),
        ("OS_USERNAME", "a\x1b]0;x\x07", "it holds a character that cannot be shown"),
        ("OS_PASSWORD", "\udcff\udcfe", "it is not valid UTF-8"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(name: str, value: str, why: str) -> None:
    failure = refusal({**PASSWORD, name: value})
    assert failure.what == f"{name} cannot be used"
    assert failure.why == why


KEYS = {"OS_ACCESS_KEY": "ak", "OS_SECRET_KEY": "sk-secret"}


def test_an_access_key_with_each_way_to_find_its_cloud() -> None:
    by_url = choose({**KEYS, "OS_AUTH_URL": "https://iam.eu-de.otc.t-systems.com/v3", "OS_SECURITY_TOKEN": "sts"})
    assert by_url.login == KeyLogin("ak", Secret("sk-secret"), Secret("sts"))
    assert by_url.source == "environment OS_*"
    by_dialect = choose({**KEYS, "EVS_TUI_DIALECT": "otc", "OS_REGION_NAME": "eu-de"})
    assert (by_dialect.auth_url, by_dialect.dialect, by_dialect.region) == (None, "otc", "eu-de")
    by_endpoints = choose({**KEYS, "EVS_TUI_ENDPOINT_EVS": "https://evs.example.org"})
    assert by_endpoints.dialect == "huaweicloud"
    sdk = choose(
        {
            "HUAWEICLOUD_SDK_AK": "ak",
            "HUAWEICLOUD_SDK_SK": "sk-secret",
            "HUAWEICLOUD_SDK_SECURITY_TOKEN": "sts",
            "HUAWEICLOUD_SDK_PROJECT_ID": PROJECT_ID,
            "OS_PROJECT_NAME": "not this one",
            "EVS_TUI_DIALECT": "huaweicloud",
        },
        region="cn-north-4",
    )
    assert sdk.login == KeyLogin("ak", Secret("sk-secret"), Secret("sts"))
    assert sdk.scope == Scope(project_id=PROJECT_ID)
    assert sdk.source == "environment HUAWEICLOUD_SDK_*"


def test_the_project_of_the_vendors_sdk_belongs_to_its_keys_alone() -> None:
    assert choose({**PASSWORD, "HUAWEICLOUD_SDK_PROJECT_ID": PROJECT_ID}).scope == Scope(project_name="eu-de_demo")


@pytest.mark.parametrize(
    "more",
    [{}, {"OS_AUTH_URL": "https://keystone.example.org/v3"}, {"EVS_TUI_DIALECT": "otc"}, {"OS_REGION_NAME": "eu-de"}],
)
def test_an_access_key_alone_is_not_enough(more: dict[str, str]) -> None:
    failure = refusal({**KEYS, **more})
    assert failure.why == "an access key alone does not tell which cloud it belongs to"


def test_a_plain_openstack_takes_no_access_key() -> None:
    environ = {**KEYS, "EVS_TUI_DIALECT": "openstack", "OS_AUTH_URL": "https://keystone.example.org/v3"}
    assert refusal(environ).what == "An access key cannot be used here"


def test_a_pair_of_keys_is_never_mixed_from_two_families() -> None:
    environ = {"OS_ACCESS_KEY": "ak1", "HW_SECRET_KEY": "sk-2", "HW_ACCESS_KEY": "ak2", "EVS_TUI_DIALECT": "otc"}
    assert choose(environ, region="eu-de").login == KeyLogin("ak2", Secret("sk-2"))
    half = refusal({"OS_ACCESS_KEY": "ak1", "HW_SECRET_KEY": "sk-2"})
    assert half.why == "missing for an access key: OS_SECRET_KEY"


def test_all_secret_variables_leave_the_environment_used_or_not() -> None:
    secrets = {
        "OS_PASSWORD": "s1-value",
        "OS_PASSCODE": "s2-value",
        "OS_TOKEN": "s3-value",
        "OS_APPLICATION_CREDENTIAL_SECRET": "s4-value",
        "OS_SECRET_KEY": "s5-value",
        "OS_SECURITY_TOKEN": "s6-value",
        "HUAWEICLOUD_SDK_SK": "s7-value",
        "HUAWEICLOUD_SDK_SECURITY_TOKEN": "s8-value",
        "HW_SECRET_KEY": "s9-value",
    }
    environ = {**PASSWORD, **secrets, "PATH": "/bin"}
    choose(environ)
    assert environ == {k: v for k, v in PASSWORD.items() if k != "OS_PASSWORD"} | {"PATH": "/bin"}
    for failing in ({"OS_AUTH_TYPE": "nonsense"}, {"EVS_TUI_PROFILE": "prod"}, {"OS_CLOUD": "x"}, {"OS_TOKEN": "a b"}):
        environ = {**PASSWORD, **secrets, **failing}
        refusal(environ)
        assert not set(secrets) & set(environ)


def test_no_message_and_no_repr_holds_a_secret() -> None:
    identity = choose(dict(PASSWORD))
    assert "correct horse" not in repr(identity)
    failure = refusal({**PASSWORD, "OS_AUTH_TYPE": "token"})
    assert "correct horse" not in f"{failure} {failure.advice}"


def test_a_profile_is_asked_for_and_there_is_none() -> None:
    for failure in (refusal(dict(PASSWORD), profile="prod"), refusal({**PASSWORD, "EVS_TUI_PROFILE": "prod"})):
        assert str(failure) == 'There is no profile "prod": no profile of this name is in config.toml'
        assert failure.advice == "evs-tui profiles add makes one"
    assert choose({**PASSWORD, "EVS_TUI_PROFILE": ""}).source == "environment OS_*"
