"""A plan's requests as somebody would send them by other means: as JSON, with curl, openstack, cinder, and evs-tui.

Nothing here holds a secret: curl is given the name of a variable. What a tool cannot express is said, with the reason.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from evs_tui.cloud.models import Volume
from evs_tui.exports.formats import BARE
from evs_tui.exports.model import Choices, Plan, Request, StepKind

# Source: openstack image create --help, cinder help upload-to-image.
_OPENSTACK_FORMATS = frozenset({"vhd", "vmdk", "raw", "qcow2", "vhdx", "vdi", "ploop"})
_SERVERS = "it only exports: stopping and starting servers is left to you"
_LINUX = "it sends no __os_type; the cloud then takes linux, which is what is asked for"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where requests go, and the options that make evs-tui go there too.

    `export_url` has `{volume_id}` in the place of the disk. `options` are the words of the command line that choose
    profile, region, project and the like.
    """

    export_url: str
    options: tuple[str, ...] = ()

    def url(self, volume_id: str) -> str:
        """The URL of one export."""
        return self.export_url.replace("{volume_id}", volume_id)


@dataclass(frozen=True, slots=True)
class Rendition:
    """The requests in one form. `text` is None where the tool cannot express them; `remark` then says why.

    Elsewhere `remark` is what to know before using it, if anything.
    """

    name: str
    text: str | None
    remark: str | None = None


def renditions(plan: Plan, choices: Choices, to: Destination) -> tuple[Rendition, ...]:
    """The exports of `plan` in every form. `choices` are what the plan was made of. A plan of nothing gives none."""
    asked = [(item.volume, item.request) for item in plan.to_do if item.request is not None]
    if not asked:
        return ()
    servers = any(step.kind is not StepKind.EXPORT for step in plan.steps)
    return (
        Rendition("request", _as_json(asked, to)),
        Rendition(
            "curl", _as_curl(asked, to), _joined("while it runs, others on this host may see the token", servers)
        ),
        _of_tool("openstack", asked, servers=servers),
        _of_tool("cinder", asked, servers=servers),
        Rendition("evs-tui", evs_tui_command([volume.id for volume, _ in asked], choices, to.options)),
    )


def evs_tui_command(volume_ids: Sequence[str], choices: Choices, options: Sequence[str] = ()) -> str:
    """The command line that exports these volumes with these choices."""
    words = ["evs-tui", "export", *volume_ids, "--name", choices.name]
    if choices.name.startswith("-"):
        words[-2:] = [f"--name={choices.name}"]
    for option, value in (
        ("--disk-format", choices.disk_format),
        ("--os-type", choices.os_type),
        ("--container-format", choices.container_format if choices.container_format != BARE else None),
    ):
        if value is not None:
            words += [option, value]
    switches = (
        ("--force", choices.force),
        ("--stop-servers", choices.stop_servers),
        ("--restart-servers", choices.restart_servers),
        ("--skip-existing", choices.skip_existing),
        # Somebody must stay and start them again.
        ("--wait", choices.stop_servers),
    )
    words += [option for option, on in switches if on]
    if choices.crash_consistent is not None:
        words += ["--crash-consistent", choices.crash_consistent]
    return shlex.join([*words, *options])


Asked = Sequence[tuple[Volume, Request]]


def _as_json(asked: Asked, to: Destination) -> str:
    if len(asked) == 1:
        return json.dumps(asked[0][1].body(), indent=2, ensure_ascii=False)
    rows = [{"url": to.url(volume.id), "body": request.body()} for volume, request in asked]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def _as_curl(asked: Asked, to: Destination) -> str:
    return "\n".join(
        f"curl -sS -X POST {shlex.quote(to.url(volume.id))} \\\n"
        # In double quotes, so that the shell puts the token in; everything else is quoted against it.
        '  -H "X-Auth-Token: $OS_TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  --data-raw {shlex.quote(json.dumps(request.body(), ensure_ascii=False))}"
        for volume, request in asked
    )


def _of_tool(name: str, asked: Asked, *, servers: bool) -> Rendition:
    for _, request in asked:
        if request.os_type == "windows":
            return Rendition(name, None, f"{name} cannot send __os_type: the image would be typed linux")
        if name == "openstack" and request.disk_format not in _OPENSTACK_FORMATS:
            return Rendition(
                name, None, f"openstack refuses {request.disk_format}: it is not in its own list of formats"
            )
    words = _openstack_words if name == "openstack" else _cinder_words
    text = "\n".join(shlex.join(words(volume, request)) for volume, request in asked)
    typed = any(request.os_type is not None for _, request in asked)
    return Rendition(name, text, _joined(_LINUX if typed else None, servers))


def _openstack_words(volume: Volume, request: Request) -> list[str]:
    formats = ["--disk-format", request.disk_format, "--container-format", request.container_format]
    force = ["--force"] if request.force else []
    return ["openstack", "image", "create", "--volume", volume.id, *formats, *force, *_last(request.image_name)]


def _cinder_words(volume: Volume, request: Request) -> list[str]:
    formats = ["--disk-format", request.disk_format, "--container-format", request.container_format]
    force = ["--force", "True"] if request.force else []
    return ["cinder", "upload-to-image", *force, *formats, *_last(volume.id, request.image_name)]


def _last(*words: str) -> list[str]:
    """The words at the end of a command, kept from being read as options."""
    return ["--", *words] if any(word.startswith("-") for word in words) else list(words)


def _joined(remark: str | None, servers: bool) -> str | None:
    return "; ".join(each for each in (remark, _SERVERS if servers else None) if each) or None
