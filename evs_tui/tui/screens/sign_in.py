"""Signing in: choose or make a profile, give its secret, say where the secret is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from evs_tui.accounts import new_id
from evs_tui.cloud.auth.passcode import PasscodeNeeded
from evs_tui.cloud.dialects import DIALECTS
from evs_tui.config.profiles import MethodName, Profile, SecretPlace
from evs_tui.exports.model import Sign
from evs_tui.failure import Failure
from evs_tui.secret import Secret
from evs_tui.tui.desk import Desk
from evs_tui.tui.keys import SIGN_IN_KEYS
from evs_tui.tui.pages import failure_sentence
from evs_tui.tui.program import Program, program_of
from evs_tui.tui.screens.connection_test import ConnectionTest
from evs_tui.tui.screens.main import identity_of
from evs_tui.tui.screens.passcode import PasscodeDrawer
from evs_tui.tui.sign_in_draft import BY_URL, KEEP_WORDS, MARKS, METHOD_WORDS, Draft, Missing, secret_label, user_label
from evs_tui.tui.widgets.choices import Choice, Option
from evs_tui.tui.widgets.field_line import Remark, RemarkLine
from evs_tui.tui.widgets.fields import TextField
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.identity import IdentityLine
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.page import Page
from evs_tui.tui.widgets.secret_input import SecretInput
from evs_tui.tui.widgets.sheet import Sheet, TitleLine

_NEW = ""
_WIDTH = 40
_HIDDEN_PROJECT = "MOS"
"""A project of the platform itself, of no use to anybody. Source: reference on the API, section 1."""


class SignInScreen(Page[bool]):
    """The form. It ends with True once somebody is signed in, with False when everything stays as it was."""

    BINDINGS: ClassVar[list[BindingType]] = list(SIGN_IN_KEYS)
    DEFAULT_CSS: ClassVar[str] = """
    SignInScreen #fields { height: 1fr; padding: 1 0 0 0; overflow-y: auto; scrollbar-size: 0 0; }
    SignInScreen Choice, SignInScreen TextField { height: 1; }
    SignInScreen .-gone { display: none; }
    SignInScreen Sheet.-gap { height: 1; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._accounts = desk.workspace.accounts
        self._busy = False
        self._base: Profile | None = None
        self._entered: dict[str, Secret] = {}

    @property
    def program(self) -> Program:
        """The app."""
        return program_of(self)

    def compose(self) -> ComposeResult:
        """Header, fields, note, hints."""
        profiles = [Option(name, name) for name in self._accounts.profiles]
        clouds = [Option(dialect.name, dialect.title) for dialect in DIALECTS.values()]
        clouds.append(Option("", "another, by its URL"))
        yield IdentityLine(identity_of(self.desk))
        yield TitleLine()
        with Vertical(id="fields"):
            yield Choice("Profile", [*profiles, Option(_NEW, "a new one")], self._first_profile, id="profile")
            yield _text("Name", "name")
            yield Choice("Cloud", clouds, id="cloud")
            yield _text("Auth URL", "auth_url")
            yield _text("Region", "region")
            yield Choice("Sign in with", [Option(key, words) for key, words in METHOD_WORDS.items()], id="method")
            yield _text("Domain", "domain")
            yield _text("User", "user")
            yield _text("Access key", "access_key")
            yield TextField("Secret", width=_WIDTH, secret=True, has_line=False, id="secret")
            yield _text("Project", "project")
            yield Choice("Projects", [Option("", "")], id="projects", classes="-gone")
            yield Sheet(classes="-gap")
            yield Choice("Keep secret", [Option(key, words) for key, words in KEEP_WORDS.items()], "session", id="keep")
            yield RemarkLine()
            yield TextField("Passphrase", width=_WIDTH, secret=True, has_line=False, id="passphrase")
            yield Choice("Mark as", [Option(key, words) for key, words in MARKS.items()], id="marks")
        yield Note()
        yield Hints()

    @property
    def _first_profile(self) -> str:
        wanted = getattr(self.desk.failure, "profile", None)
        if isinstance(wanted, Profile):
            return wanted.name
        context = self.desk.context
        name = (context and context.profile) or self.desk.workspace.options.profile or self._accounts.default
        return name or next(iter(self._accounts.profiles), _NEW)

    def on_mount(self) -> None:
        """Fill the fields from the profile, and look for a keyring."""
        self.query_one(TitleLine).show_title("Sign in", "a profile: how to reach one account, region and project")
        self._fill()
        self.run_worker(self._look_for_stores(), group="stores", exclusive=True)
        self._say_why_we_are_here()
        self._focus_first()  # before the first frame: what is typed at once must not choose another profile

    def _say_why_we_are_here(self) -> None:
        note, failure = self.query_one(Note), self.desk.failure
        if failure is not None:
            note.say(failure_sentence(failure), Sign.BAD)
        else:
            note.say("Nothing has been sent yet.")

    def _focus_first(self) -> None:
        empty = (field for field in self.query(TextField) if not field.has_class("-gone") and not field.value)
        target = next(empty, None)
        if target is None:
            self.query_one("#profile", Choice).focus()
        else:
            target.focus()

    # The fields follow each other

    def _fill(self) -> None:
        profile = self._accounts.profiles.get(self.query_one("#profile", Choice).value)
        self._base = profile
        shown = profile or Profile(name="", id="", cloud="otc")
        self._text("name").value = shown.name
        self.query_one("#cloud", Choice).choose(shown.cloud or "")
        self.query_one("#method", Choice).choose(shown.method)
        self._text("auth_url").value = shown.auth_url or ""
        self._text("region").value = shown.region or ""
        self._text("domain").value = shown.user_domain or ""
        self._text("user").value = shown.user or shown.credential or ""
        self._text("project").value = shown.project or ""
        self.query_one("#keep", Choice).choose(shown.keep_in)
        both = "both" if shown.production and shown.read_only else ""
        self.query_one("#marks", Choice).choose(
            both or ("production" if shown.production else "read-only" if shown.read_only else "")
        )
        self._arrange()

    def _arrange(self) -> None:
        """Show the fields that this way of signing in has."""
        method = cast(MethodName, self.query_one("#method", Choice).value)
        cloud = self.query_one("#cloud", Choice).value
        known_url = self._base is not None and self._base.auth_url is not None
        for name, is_there in {
            "#name": self._base is None,
            "#auth_url": cloud in BY_URL or (known_url and bool(self._text("auth_url").value)),
            "#domain": method == "password",
            "#user": method in {"password", "application-credential"},
            "#access_key": method == "access-key",
            "#passphrase": self.query_one("#keep", Choice).value == "file",
        }.items():
            self.query_one(name).set_class(not is_there, "-gone")
        self._text("user").rename(user_label(method))
        self._text("secret").rename(secret_label(method))

    def on_choice_changed(self, event: Choice.Changed) -> None:
        """Another profile fills all fields; the rest shows or hides some."""
        if event.choice.id == "profile":
            self._fill()
        elif event.choice.id == "projects":
            self._text("project").value = event.choice.value
        elif event.choice.id == "keep":
            self.run_worker(self._look_for_stores(), group="stores", exclusive=True)
        if event.choice.id == "cloud" and event.choice.value not in BY_URL:
            self._text("auth_url").value = ""
        self._arrange()

    async def _look_for_stores(self) -> None:
        place = cast(SecretPlace, self.query_one("#keep", Choice).value)
        state = await self.desk.store_state(place)
        line = self.query_one(RemarkLine)
        if place == "session":
            keyring = await self.desk.store_state("keyring")
            why = f"usual on a jump host: {keyring.words}" if not keyring.is_ready else "though there is a keyring"
            line.say(Remark(f"asked for at every start; {why}"))
        elif state.is_ready:
            line.say(Remark(state.words))
        else:
            line.say(Remark(state.words, Sign.WARN))

    def on_text_field_submitted(self) -> None:
        """Enter goes to the next field."""
        self.focus_next("Choice, Entry")

    def on_secret_input_entered(self, message: SecretInput.Entered) -> None:
        """Enter in a secret field signs in: the field has forgotten what was typed, so it is used at once."""
        message.stop()
        for name in ("secret", "passphrase"):
            if message.entry is self._text(name).entry:
                self._entered[name] = message.secret
        self.action_sign_in()

    # What the person does

    def _complete(self) -> Profile | None:
        """The profile that the fields describe; None, and the keyboard in the field, where something is missing."""
        profile = self._draft().profile(self._base.id if self._base is not None else new_id())
        if isinstance(profile, Missing):
            self.query_one(Note).say(f"{profile.words[:1].upper()}{profile.words[1:]}.", Sign.BAD)
            self._text(profile.field).focus()
            return None
        if self._base is None and profile.name in self._accounts.profiles:
            self.query_one(Note).say(f"There is a profile {profile.name} already.", Sign.BAD)
            self._text("name").focus()
            return None
        return profile

    def action_sign_in(self) -> None:
        """Sign in with what the fields hold."""
        profile = self._complete()
        if profile is not None and not self._busy:
            self._busy = True
            self.query_one(Note).say("Signing in.", Sign.BUSY)
            self.run_worker(self._sign_in(profile, self._secrets(profile, self._typed("secret"))), group="sign-in")

    def action_test(self) -> None:
        """Try it step by step; nothing is kept, and the fields stay as they are."""
        profile = self._complete()
        if profile is not None and not self._busy:
            secrets = self._secrets(profile, self._entered.get("secret") or self._text("secret").held())
            self.app.push_screen(ConnectionTest(profile.name, self.desk.checks(profile, secrets)))

    async def _sign_in(self, profile: Profile, secrets: Mapping[str, Secret], *, again: bool = False) -> None:
        note = self.query_one(Note)
        try:
            if profile.keep_in == "file" and (passphrase := self._typed("passphrase")):
                await self.desk.unlock_file(passphrase)
            await self.desk.sign_in_as(profile, secrets)
        except PasscodeNeeded as needed:
            self._ask_for_passcode(profile, secrets, needed, again=again)
        except Failure as failure:
            note.say(failure_sentence(failure), Sign.BAD)
            self._text("secret").focus()
        else:
            self.dismiss(result=True)
        finally:
            self._busy = False

    def _ask_for_passcode(
        self, profile: Profile, secrets: Mapping[str, Secret], needed: PasscodeNeeded, *, again: bool
    ) -> None:
        if again:
            self.query_one(Note).say(f"{needed.what}: {needed.why}.", Sign.BAD)
            return

        async def answered(passcode: Secret | None) -> None:
            if passcode is not None:
                await self.desk.give_passcode(passcode)
                self.run_worker(self._sign_in(profile, secrets, again=True), group="sign-in")

        self.app.push_screen(PasscodeDrawer(needed.user), answered)

    async def action_projects(self) -> None:
        """List the projects of whoever is signed in."""
        note, choice = self.query_one(Note), self.query_one("#projects", Choice)
        try:
            found = [project for project in await self.desk.projects() if project.name != _HIDDEN_PROJECT]
        except Failure as failure:
            note.say(failure_sentence(failure), Sign.BAD)
            return
        choice.offer([Option(project.name, project.name) for project in found], self._text("project").value)
        choice.remove_class("-gone")
        note.say(f"{len(found)} projects found.", Sign.GOOD)
        choice.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Projects can be listed once somebody is signed in."""
        return action != "projects" or self.desk.context is not None

    def action_back(self) -> None:
        """Leave everything as it was."""
        self.dismiss(result=False)

    def _draft(self) -> Draft:
        def value(name: str) -> str:
            return self._text(name).value.strip()

        return Draft(
            name=value("name"),
            cloud=self.query_one("#cloud", Choice).value,
            auth_url=value("auth_url"),
            region=value("region"),
            method=cast(MethodName, self.query_one("#method", Choice).value),
            domain=value("domain"),
            user=value("user"),
            project=value("project"),
            keep_in=cast(SecretPlace, self.query_one("#keep", Choice).value),
            marks=self.query_one("#marks", Choice).value,
            base=self._base,
        )

    def _secrets(self, profile: Profile, typed: Secret) -> Mapping[str, Secret]:
        """The secret fields for what was typed. Nothing typed: what is kept is used."""
        from evs_tui.credentials.kept import SECRETS_OF

        if not typed:
            return {}
        values = {SECRETS_OF[profile.method][-1]: typed}
        if profile.method == "access-key":
            values["access_key"] = Secret(self._text("access_key").value.strip())
        return values

    def _typed(self, name: str) -> Secret:
        return self._entered.pop(name, None) or self._text(name).take()

    def _text(self, name: str) -> TextField:
        return self.query_one(f"#{name}", TextField)


def _text(label: str, name: str) -> TextField:
    return TextField(label, width=_WIDTH, has_line=False, id=name)
