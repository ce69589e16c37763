from __future__ import annotations

import pytest

from evs_tui.cloud.dialects import FLEXIBLE_ENGINE, HUAWEICLOUD, OPENSTACK, OTC, Dialect
from evs_tui.exports.os_type import OsType, looks_like_windows, os_type_problem, os_type_rule
from tests.unit.volumes_for_tests import volume

SENT = "sent: the disk has no type of its own"
NO_EFFECT = "without effect: the disk is not available"
LIKE_WINDOWS = "this looks like a Windows disk: choose windows"
WINDOWS = {"__platform": "Windows", "__os_version": "Windows Server 2019"}


@pytest.mark.parametrize("dialect", [OTC, HUAWEICLOUD, FLEXIBLE_ENGINE])
@pytest.mark.parametrize("own", [None, "linux", "windows", "other"])
@pytest.mark.parametrize("status", ["available", "in-use", "uploading", "half-baked"])
@pytest.mark.parametrize("chosen", [None, "linux", "windows"])
def test_it_is_sent_exactly_where_the_cloud_heeds_it(
    dialect: Dialect, own: str | None, status: str, chosen: str | None
) -> None:
    rule = os_type_rule(volume(status=status, os_type=own), dialect, chosen)
    counts = own is None and status == "available"
    assert rule.value_to_send == ((chosen or "linux") if counts else None)
    assert rule.editable is counts
    assert rule.shown == (own or ((chosen or "linux") if counts else "linux"))


@pytest.mark.parametrize("chosen", [None, "linux", "windows"])
def test_plain_openstack_is_never_sent_a_system_type(chosen: str | None) -> None:
    rule = os_type_rule(volume(os_type="linux"), OPENSTACK, chosen)
    assert (rule.value_to_send, rule.editable, rule.shown) == (None, False, "-")
    assert rule.reason == "not sent: this cloud does not take it"
    assert rule.warning == (None if chosen is None else f"{chosen} is not sent: OpenStack takes no system type")


def test_an_available_disk_without_a_type_is_sent_linux_unless_chosen_otherwise() -> None:
    assert os_type_rule(volume(), OTC, None) == OsType("linux", True, "linux", SENT)
    assert os_type_rule(volume(), OTC, "windows") == OsType("windows", True, "windows", SENT)


def test_an_inherited_type_is_shown_with_where_it_comes_from() -> None:
    ubuntu = volume(os_type="linux", metadata={"__os_version": "Ubuntu 24.04"})
    assert os_type_rule(ubuntu, OTC, None) == OsType(None, False, "linux", "inherited from Ubuntu 24.04; fixed")
    named = volume(os_type="linux", metadata={"image_name": "golden"})
    assert os_type_rule(named, OTC, None).reason == "inherited from golden; fixed"
    assert os_type_rule(volume(os_type="linux"), OTC, None).reason == "inherited from its image; fixed"


def test_a_choice_that_has_no_effect_is_said() -> None:
    assert os_type_rule(volume(os_type="linux"), OTC, "windows").warning == (
        "windows has no effect: the disk's own type linux counts"
    )
    assert os_type_rule(volume(os_type="linux"), OTC, "linux").warning is None
    in_use = os_type_rule(volume(status="in-use"), OTC, "windows")
    assert (in_use.shown, in_use.reason) == ("linux", NO_EFFECT)
    assert in_use.warning == "the image will be typed linux, though this is a Windows disk"


def test_a_windows_disk_that_would_be_typed_linux_is_warned_about() -> None:
    by_metadata, by_name = volume(metadata=WINDOWS), volume(name="win2019-root")
    assert os_type_rule(by_metadata, OTC, None) == OsType("linux", True, "linux", SENT, LIKE_WINDOWS)
    assert os_type_rule(by_name, OTC, "linux").warning == LIKE_WINDOWS
    assert os_type_rule(by_name, OTC, "windows").warning is None
    assert os_type_rule(volume(status="in-use", metadata=WINDOWS), OTC, None).warning == (
        "the image will be typed linux, though this is a Windows disk"
    )
    assert os_type_rule(volume(os_type="linux", metadata=WINDOWS), OTC, None).warning == (
        "the image will be typed linux, but this looks like Windows"
    )
    assert os_type_rule(volume(os_type="windows", metadata=WINDOWS), OTC, None).warning is None


@pytest.mark.parametrize(
    ("name", "windows"),
    [
        ("windows-root", True),
        ("WIN10", True),
        ("app-win-2022", True),
        ("w2k16-sql", True),
        ("darwin-7", False),
        ("winter-sale", False),
        ("twin2", False),
        ("", False),
    ],
)
def test_a_name_alone_is_guessed_from_with_care(name: str, windows: bool) -> None:
    assert looks_like_windows(volume(name=name)) is windows


def test_metadata_outweighs_the_name() -> None:
    assert not looks_like_windows(volume(name="windows-share", metadata={"__os_version": "Debian 12"}))


def test_only_the_two_documented_types_are_taken() -> None:
    assert os_type_problem("linux") is None
    assert os_type_problem("windows") is None
    wrong = os_type_problem("Windows")
    assert wrong is not None
    assert wrong.text == '"Windows" is no system type: choose linux or windows'
    assert wrong.hint == "Windows → windows"
