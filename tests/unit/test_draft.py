"""What each field says while an export is filled in, the same for the form and for the wizard."""

from __future__ import annotations

import pytest

from evs_tui.cloud.dialects import DIALECTS, HUAWEICLOUD, OPENSTACK, OTC, Dialect
from evs_tui.cloud.models import Volume
from evs_tui.exports.draft import Draft, Said
from evs_tui.exports.model import Sign
from evs_tui.exports.names import name_problem
from evs_tui.exports.results import result_words
from tests.unit.volumes_for_tests import NOW, volume

WINDOWS = {"__os_version": "Windows Server 2019"}


def draft(*volumes: Volume, dialect: Dialect = OTC) -> Draft:
    return Draft(volumes or (volume(),), dialect, NOW)


def three(*names: str) -> tuple[Volume, ...]:
    return tuple(volume(f"{at}0000000-x", name) for at, name in enumerate(names, start=1))


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda each: each.name)
@pytest.mark.parametrize("name", ["web-01", "Büro/1", "", "生产", " x ", "a" * 300, "\x1b[2J"])
def test_what_is_suggested_fits_the_rule_and_carries_date_and_time(name: str, dialect: Dialect) -> None:
    suggested = draft(volume(name=name), dialect=dialect).first_name
    assert name_problem(suggested, dialect) is None
    assert suggested.endswith("-20261123-1402")


@pytest.mark.parametrize(
    ("dialect", "text", "said", "count"),
    [
        (OTC, "web", Said("letters, digits, - _ . and space inside"), "3 of 128"),
        (HUAWEICLOUD, "web", Said("letters, Chinese, digits, - _ . and space inside"), "3 of 128"),
        (OPENSTACK, "web", Said("anything that a terminal shows, no space at either end"), "3 of 255"),
        (OTC, "生产", Said("Chinese is not in this cloud's documented list", Sign.WARN), "2 of 128"),
        (HUAWEICLOUD, "生产", Said("letters, Chinese, digits, - _ . and space inside"), "2 of 128"),
        (OTC, "w/", Said('"/" at place 2 (/ → -): only letters, digits, - _ . and space', Sign.BAD), "2 of 128"),
        (OTC, "", Said("a name is needed: 1 to 128 characters", Sign.BAD), "0 of 128"),
    ],
)
def test_a_name(dialect: Dialect, text: str, said: Said, count: str) -> None:
    one = draft(dialect=dialect)
    assert (one.name(text), one.name_count(text)) == (said, count)


def test_a_template_is_counted_by_its_longest_result_and_looked_at_disk_by_disk() -> None:
    several = draft(*three("a", "longer-name", "b"))
    assert several.first_name == "{name}-{date}-{time}"
    assert several.name_count("{name}-x") == "13 of 128"
    assert several.name("{name}-x") == Said("{name} {id8} {date} {time} {index} are filled in")
    assert several.name("x") == Said("all names are alike: put {id8} or {index} in", Sign.BAD)
    twins = draft(*three("a", "a", "b"))
    assert twins.name("{name}") == Said("2 names come twice: put {id8} or {index} in", Sign.WARN)
    assert twins.name("{name}-{index}").of is None
    assert several.name("y" * 130 + "-{index}") == Said("a: 132 characters: at most 128 are allowed", Sign.BAD)
    assert draft(*three("a", "b" * 9, "c")).name("{name}" + "y" * 118).of is None  # {name} is fitted to the room


def test_formats() -> None:
    assert draft().disk_format("zvhd2") == Said("compressed (zstd), starts quickly; some pages' default")
    assert draft().disk_format("vmdk").of is Sign.BAD
    secret = draft(volume(encrypted=True), dialect=OPENSTACK)
    assert secret.disk_format("raw").of is None
    assert secret.disk_format("qcow2") == Said(
        "an encrypted disk is exported as raw and bare alone on OpenStack", Sign.BAD
    )
    # One of several may still go out: the plan says which one does not.
    assert draft(volume("v1", encrypted=True), volume("v2"), dialect=OPENSTACK).disk_format("qcow2").of is None
    assert draft().container("bare") == Said("no container: what image services expect")
    assert draft().container("ovf") == Said("OVF package; bare is meant almost always", Sign.WARN)
    assert draft().container("docker").of is Sign.BAD


def test_the_system_type() -> None:
    assert draft().asks_for_system
    assert draft().system("windows") == Said("sent: the disk has no type of its own")
    assert draft(volume(metadata=WINDOWS)).system(None).of is Sign.WARN
    inherited = draft(volume(os_type="windows"))
    assert not inherited.asks_for_system
    assert (inherited.system_shown, inherited.system(None)) == ("windows", Said("inherited from its image; fixed"))
    assert draft(dialect=OPENSTACK).system_shown == "-"
    mixed = draft(volume("v1"), volume("v2", os_type="windows"))
    assert mixed.asks_for_system
    assert mixed.system(None) == Said("for 1 of 2 disks; the others cannot be chosen for")
    assert mixed.system("amiga").of is Sign.BAD
    kept = draft(volume("v1", os_type="windows"), volume("v2", os_type="linux"))
    assert kept.system_shown == "as each disk has it"


def test_what_becomes_of_a_disk_is_said_in_one_line_each() -> None:
    assert result_words(volume(), OTC) == ("a data disk: no server starts from the image",)
    everything = volume(size_gib=1025, bootable=True, encrypted=True, shared=True)
    assert result_words(everything, OTC) == (
        "bootable: servers can start from the image",
        "encrypted: so is the image; it cannot be shared",
        "shared: sound only while all its servers are off",
        "over 1 TiB: refused by some pages, not by others",
    )
    assert result_words(everything, OPENSTACK)[1] == "encrypted: exported as raw and bare alone"
    assert all(len(words) <= 50 for dialect in DIALECTS.values() for words in result_words(everything, dialect))
    assert draft(everything, volume("v2"), volume("v3", bootable=True)).result == (
        "2 bootable, 1 encrypted, 1 shared, 1 over 1 TiB",
    )
    assert draft(volume("v2"), volume("v3")).result == ("data disks: no server starts from their images",)


def test_very_many_disks_are_looked_at_in_part_while_somebody_types() -> None:
    many = draft(*(volume(f"v{at}", f"n{at}") for at in range(1200)))
    assert len(many.previewed) == 500
    assert len(many.names("{index}")) == 500
    assert many.names("{index}")[0][1] == "0001"
