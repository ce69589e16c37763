"""Reads the command line. Nothing that a command needs is loaded here, so that `--help` is quick."""

from __future__ import annotations

import argparse
import math

from evs_tui import __version__
from evs_tui.failure import UsageFailure
from evs_tui.text import clean, is_id

TYPE_CHECKING = False  # as in typing, whose import would be a fifth of the time that --help takes
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

    from evs_tui.cli.commands import Form, Invocation

FROM_STDIN = "-"
ACTIONS = ("show", "resolve", "cancel", "retry", "receipt", "resume", "restore", "forget")
PROFILE_ACTIONS = ("list", "add", "test", "forget", "remove")
SHELLS = ("bash", "fish", "zsh")
_FORMS: tuple[Form, ...] = ("table", "json", "jsonl", "csv")
_MAY_BEGIN_WITH_A_DASH = ("--filter", "--sort")
_CLOUDS = ("otc", "huaweicloud", "flexible-engine", "openstack")
_METHODS = ("password", "application-credential", "token", "access-key")
_PLACES = ("keyring", "session", "file")
_SORT_HELP = "name, status, size, type, az, attached, id, created, exported or export; KEY:desc turns it round"


def parse(arguments: Sequence[str]) -> Invocation:
    """What `arguments` ask for.

    Raises:
        UsageFailure: they cannot be understood, or contradict each other.
        SystemExit: `--help` or `--version` was answered.
    """
    parser = make_parser()
    fields, rest = parser.parse_known_args(_joined(arguments))
    words = [word for word in rest if not word.startswith("-") or word == FROM_STDIN]
    if len(words) < len(rest) or (words and fields.command not in {"export", "jobs", "profiles"}):
        raise misuse(f"evs-tui does not know {clean(_first_unknown(rest))}", fields.command)
    # Only now: --help and --version have ended already, and need none of the classes.
    from evs_tui.cli.understanding import understood

    return understood(fields, words)


def _joined(arguments: Sequence[str]) -> list[str]:
    """`--filter -type:ssd` as argparse needs it: a value that begins with a dash is no option of ours."""
    joined: list[str] = []
    for word in arguments:
        if joined and joined[-1] in _MAY_BEGIN_WITH_A_DASH and word.startswith("-") and not word.startswith("--"):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def form_asked_for(arguments: Sequence[str]) -> Form:
    """The output form in a command line that could not be read as a whole."""
    for place, word in enumerate(arguments):
        value = word.partition("=")[2] if word.startswith("--output=") else None
        if word == "--output" and place + 1 < len(arguments):
            value = arguments[place + 1]
        for form in _FORMS:
            if value == form:
                return form
    return "table"


class _Parser(argparse.ArgumentParser):
    """Tells an error by an exception: how it is shown depends on the output form."""

    actions: tuple[str, ...] = ()
    """The words that may stand right after the command, for completion."""

    def error(self, message: str) -> NoReturn:
        raise misuse(clean(message), self.prog.partition(" ")[2] or None)


def misuse(why: str, command: str | None = None) -> UsageFailure:
    """The failure of a command line that cannot be used, with the help page that tells more."""
    usage = f"evs-tui {command} --help" if command else "evs-tui --help"
    return UsageFailure("The command line cannot be used", why, f"{usage} tells what there is")


def _first_unknown(rest: Sequence[str]) -> str:
    return next((word for word in rest if word.startswith("-") and word != FROM_STDIN), rest[0])


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; completion and the manual page are made of it too."""
    parser = _Parser(
        prog="evs-tui",
        description="Get cloud disks out as images. Without a command: the terminal UI.",
        epilog="Try it without an account: evs-tui --demo",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"evs-tui {__version__}")
    parser.add_argument(
        "--volume", metavar="ID", type=_id, dest="open_volume", help="open the export form on this volume"
    )
    parser.add_argument("--filter", metavar="TEXT", dest="open_filter", help="open the list with this filter")
    _add_globals(parser, top=True)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=_Parser)
    _add_volumes(commands)
    _add_export(commands)
    _add_jobs(commands)
    _add_images(commands)
    _add_wizard(commands)
    _add_agent(commands)
    _add_profiles(commands)
    _add_completion(commands)
    return parser


def _add_globals(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    """The options every command takes. Below the top an absent one must not undo what stood before the command."""
    group = parser.add_argument_group("where and how, before or after the command")
    absent: Any = None if top else argparse.SUPPRESS
    unset: Any = False if top else argparse.SUPPRESS
    group.add_argument("--profile", metavar="P", default=absent, help="the profile that says how to sign in")
    group.add_argument("--region", metavar="R", default=absent, help="the region, in place of the source's own")
    group.add_argument("--project", metavar="NAME|ID", default=absent, help="the project, in place of the source's own")
    group.add_argument("--read-only", action="store_true", default=unset, help="send nothing that changes anything")
    group.add_argument("--demo", action="store_true", default=unset, help="a simulated cloud: no network, no account")
    group.add_argument("--ascii", action="store_true", default=unset, help="signs from ASCII alone")
    group.add_argument("--debug-log", metavar="FILE", default=absent, help="write what is done to FILE")


def _subcommand(commands: Any, name: str, summary: str, description: str, usage: str | None = None) -> _Parser:
    parser: _Parser = commands.add_parser(name, help=summary, description=description, usage=usage, allow_abbrev=False)
    return parser


def _add_volumes(commands: Any) -> None:
    parser = _subcommand(
        commands,
        "volumes",
        "list the volumes, and whether each can be exported",
        "List the volumes of the project.",
        "evs-tui volumes [options]",
    )
    parser.add_argument(
        "--filter", metavar="TEXT", help="words and tokens such as status:available size>100 -az:eu-de-01"
    )
    parser.add_argument("--sort", metavar="KEY", help=_SORT_HELP)
    _add_output(parser, "table", "json", "jsonl")
    _add_globals(parser)


def _add_export(commands: Any) -> None:
    parser = _subcommand(
        commands,
        "export",
        "export volumes as images",
        "Show what will be done, ask, and export volumes as images.",
        "evs-tui export VOLUME_ID...|- --name NAME_OR_TEMPLATE [options]",
    )
    parser.add_argument(
        "volume_ids", metavar="VOLUME_ID", nargs="*", help="ids of volumes; - reads them from standard input"
    )
    parser.add_argument(
        "--name",
        metavar="NAME_OR_TEMPLATE",
        required=True,
        help="the image's name; {name} {id8} {date} {time} {index} are replaced",
    )
    parser.add_argument("--disk-format", metavar="F", help="the image's format; default: the cloud's preferred one")
    parser.add_argument("--os-type", choices=("linux", "windows"), help="where the disk does not say it itself")
    parser.add_argument("--container-format", metavar="F", help="default: bare")
    parser.add_argument("--force", action="store_true", help="also export attached volumes whose servers are all off")
    parser.add_argument("--stop-servers", action="store_true", help="stop the servers of attached volumes, softly")
    parser.add_argument("--restart-servers", action="store_true", help="and start them when the volumes are free again")
    parser.add_argument(
        "--crash-consistent",
        metavar="ID4",
        help="with --force, although its server runs: the last four characters of the one volume's id",
    )
    parser.add_argument("--skip-existing", action="store_true", help="leave out volumes whose image exists already")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be done and sent")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--wait", action="store_true", help="end when the images can be used")
    parser.add_argument(
        "--background", action="store_true", help="hand it to a process that goes on without a terminal"
    )
    _add_timeout(parser, "--wait")
    _add_output(parser, "table", "json")
    _add_globals(parser)


def _add_jobs(commands: Any) -> None:
    parser = _subcommand(
        commands,
        "jobs",
        "list the exports, watch them, decide about them",
        "List what is open or ended in the last 24 hours, or do something with the named jobs. "
        "The beginning of a job's id is enough where it is unique.",
        f"evs-tui jobs [{'|'.join(ACTIONS)} JOB_ID...] [options]",
    )
    parser.actions = ACTIONS
    parser.add_argument("words", metavar="ACTION JOB_ID", nargs="*", help=f"one of {', '.join(ACTIONS)}, and the jobs")
    parser.add_argument("--image", metavar="ID|none", help="for resolve: the image that the export made, or none")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--all", action="store_true", dest="everything", help="list every job ever")
    parser.add_argument("--watch", action="store_true", help="end when none of the jobs can change by itself")
    _add_timeout(parser, "--watch")
    parser.add_argument(
        "--older-than", metavar="DAYS", type=_days, help="for forget: also every job that ended so many days ago"
    )
    _add_output(parser, "table", "json", "jsonl", "csv")
    _add_globals(parser)


def _add_wizard(commands: Any) -> None:
    parser = _subcommand(
        commands,
        "wizard",
        "export one volume, question by question",
        "Ask for everything an export needs, line by line, on any terminal; then show the review and ask once more.",
        "evs-tui wizard [VOLUME_ID] [options]",
    )
    parser.add_argument(
        "volume_id", metavar="VOLUME_ID", nargs="?", type=_id, help="the volume; without it, it is asked for"
    )
    _add_globals(parser)


def _add_profiles(commands: Any) -> None:
    parser = _subcommand(
        commands,
        "profiles",
        "keep how to sign in: list, add, test, forget, remove",
        "List the profiles, or do something with one. add makes one or changes it, test tries it step by step, forget "
        "removes its secret everywhere, remove the profile too. No secret is an option: it is asked for, or read from "
        "standard input, one a line.",
        f"evs-tui profiles [{'|'.join(PROFILE_ACTIONS)} NAME] [options]",
    )
    parser.actions = PROFILE_ACTIONS
    parser.add_argument("words", metavar="ACTION NAME", nargs="*", help=f"one of {', '.join(PROFILE_ACTIONS)}")
    group = parser.add_argument_group("for add, beside --region, --project and --read-only")
    group.add_argument("--from-cloud", metavar="ENTRY", help="take everything over from this entry of clouds.yaml")
    group.add_argument("--cloud", choices=_CLOUDS, help="which kind of cloud; default: told by the auth URL")
    group.add_argument("--auth-url", metavar="URL", help="where signing in happens")
    group.add_argument("--method", choices=_METHODS, help="default: password")
    group.add_argument("--user", metavar="NAME", help="who signs in")
    group.add_argument("--user-domain", metavar="NAME", help="the user's domain: the account's name")
    group.add_argument("--credential", metavar="ID", help="the application credential")
    group.add_argument("--ca-bundle", metavar="FILE", help="certificates to trust beside the system's")
    group.add_argument(
        "--keep-in", choices=_PLACES, help="where the secret lives; default: the keyring if there is one"
    )
    group.add_argument("--production", action="store_true", help="mark it on every screen")
    group.add_argument("--default", action="store_true", help="take it when nothing else says who signs in")
    _add_output(parser, "table", "json")
    _add_globals(parser)


def _add_completion(commands: Any) -> None:
    parser = _subcommand(
        commands,
        "completion",
        "print the completion script of a shell",
        "Print the completion script of a shell; its first lines say where it belongs.",
        "evs-tui completion bash|fish|zsh",
    )
    parser.actions = SHELLS
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help="one of bash, fish, zsh")


def _add_images(commands: Any) -> None:
    parser = _subcommand(
        commands,
        "images",
        "list the private images, and which exports made them",
        "List the private images of the project beside the exports of evs-tui that made them.",
        "evs-tui images [options]",
    )
    parser.add_argument(
        "--filter", metavar="TEXT", help="words and tokens such as status:active ours:yes format:zvhd2 age<7d"
    )
    _add_output(parser, "table", "json", "jsonl")
    _add_globals(parser)


def _add_agent(commands: Any) -> None:
    parser = _subcommand(
        commands,
        "agent",
        "list what works in the background, or end it",
        "List the processes that carry out exports in the background, or end one of them.",
        "evs-tui agent [list|stop ID] [options]",
    )
    parser.add_argument("words", metavar="ACTION ID", nargs="*", help="list, or stop and the beginning of an id")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    _add_globals(parser)


def _add_timeout(parser: argparse.ArgumentParser, beside: str) -> None:
    parser.add_argument(
        "--timeout", metavar="MIN", type=_minutes, help=f"with {beside}: stop waiting after so many minutes"
    )


def _add_output(parser: argparse.ArgumentParser, *forms: Form) -> None:
    parser.add_argument("--output", choices=forms, default="table", help="default: table")


def _minutes(text: str) -> float:
    """Minutes as typed, in seconds."""
    try:
        seconds = float(text) * 60
    except ValueError:
        seconds = math.nan
    if not (0 < seconds < math.inf):
        raise argparse.ArgumentTypeError(f'"{text}" is no number of minutes above 0')
    return seconds


def _days(text: str) -> float:
    """Days as typed, in seconds."""
    if not (text.isascii() and text.isdigit() and int(text[:6]) > 0 and len(text) <= 6):
        raise argparse.ArgumentTypeError(f'"{text}" is no number of days above 0')
    return int(text) * 86_400.0


def _id(text: str) -> str:
    if not is_id(text):
        raise argparse.ArgumentTypeError(f'"{text}" is no id: letters, digits, - and _, at most 64')
    return text
