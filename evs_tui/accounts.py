"""Who signs in: the profiles of `config.toml`, their secrets wherever they are kept, and the identity of a run.

Methods that say so may take seconds (a keyring, a slow file): call them with `await aside(...)` on a loop. In the demo
everything works alike, in memory alone: no file is written and no keyring touched.
"""

from __future__ import annotations

import contextlib
import secrets as chance
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evs_tui.failure import Failure

if TYPE_CHECKING:
    from evs_tui.cloud.identity import Identity
    from evs_tui.config.paths import Paths
    from evs_tui.config.profiles import Profile, SecretPlace
    from evs_tui.config.settings import Settings
    from evs_tui.credentials.environment import Variables
    from evs_tui.credentials.stores.store import StoreState
    from evs_tui.credentials.vault import Vault
    from evs_tui.secret import Secret

_DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line, or a person at the screen, asks for; None leaves it to the source of identity."""

    profile: str | None = None
    region: str | None = None
    project: str | None = None


class Accounts:
    """The profiles of this user and what opens them. The demo has one of its own."""

    def __init__(
        self,
        environ: MutableMapping[str, str],
        paths: Paths,
        settings: Settings,
        *,
        demo: bool,
        vault: Vault | None = None,
    ) -> None:
        """`vault` is for tests."""
        self._environ = environ
        self._paths = paths
        self._demo = demo
        self._vault = vault
        self._variables: Variables | None = None
        self._profiles = dict(settings.profiles)
        self._default = settings.default_profile
        if demo:
            self._profiles = {_DEMO: demo_profile()}

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """The profiles by name."""
        return self._profiles

    @property
    def default(self) -> str | None:
        """The profile that is taken when nothing else says who signs in."""
        return self._default

    @property
    def vault(self) -> Vault:
        """The stores."""
        if self._vault is None:
            from evs_tui.credentials.vault import Vault

            self._vault = Vault(None if self._demo else self._paths.encrypted_file)
        return self._vault

    def profile(self, name: str) -> Profile:
        """The profile of this name.

        Raises:
            ConfigFailure: there is none.
        """
        found = self._profiles.get(name)
        if found is None:
            from evs_tui.credentials.choose import no_such_profile

            raise no_such_profile(name, self._profiles)
        return found

    def identity(self, wanted: Wanted) -> Identity:
        """The one source of identity that `wanted`, the environment and the profiles lead to. May take seconds.

        Raises:
            SecretNeeded: the secret of the profile is not at hand.
            ConfigFailure, UsageFailure: there is no source, or it cannot be used.
        """
        from evs_tui.credentials.choose import Profiles, choose_identity
        from evs_tui.credentials.environment import take_variables

        if self._demo:
            return self._demo_identity(wanted)
        if self._variables is None:
            self._variables = take_variables(self._environ)
        return choose_identity(
            profile=wanted.profile,
            region=wanted.region,
            project=wanted.project,
            environ=self._environ,
            profiles=Profiles(self._profiles, self._default, self.vault.secrets),
            variables=self._variables,
        )

    def _demo_identity(self, wanted: Wanted) -> Identity:
        """From the demo's own profile, or one made in it; the environment plays no part."""
        from evs_tui.credentials.choose import Profiles, choose_identity
        from evs_tui.demo import DEMO_CREDENTIAL
        from evs_tui.secret import Secret

        first = self._profiles.get(_DEMO)
        if first is not None and self.vault.memory.read(first.id) is None and wanted.profile in {None, _DEMO}:
            self.give(first, {"password": Secret(DEMO_CREDENTIAL.password)})
        identity = choose_identity(
            profile=wanted.profile or _DEMO,
            region=wanted.region,
            project=wanted.project,
            environ={},
            places=(),
            profiles=Profiles(self._profiles, None, self.vault.secrets),
        )
        return identity if wanted.profile else replace(identity, source="demo", profile=None)

    def store_state(self, place: SecretPlace) -> StoreState:
        """Whether secrets can be kept there now. May take seconds."""
        return self.vault.state(place)

    def give(self, profile: Profile, values: Mapping[str, Secret]) -> None:
        """Take a secret for this run alone: it is kept in memory and used before any other."""
        self.vault.keep(profile, values, "session")

    def refused(self, name: str | None) -> None:
        """The cloud would not take what was typed in this run for a profile: it is not used again."""
        profile = self._profiles.get(name or "")
        if profile is not None:
            self.vault.memory.forget(profile.id)

    def hold(self, profile: Profile) -> None:
        """Use a profile in this run, as it is, without writing it."""
        self._profiles[profile.name] = profile

    @contextlib.contextmanager
    def trying(self, profile: Profile, values: Mapping[str, Secret]) -> Iterator[None]:
        """Use a new or changed profile, and its secret, inside the block; if that fails all is as it was before."""
        put_back = self._put_in(profile, values)
        try:
            yield
        except BaseException:
            put_back()
            raise

    @contextlib.contextmanager
    def lent(self, profile: Profile, values: Mapping[str, Secret]) -> Iterator[None]:
        """Use a new or changed profile, and its secret, inside the block alone."""
        put_back = self._put_in(profile, values)
        try:
            yield
        finally:
            put_back()

    def _put_in(self, profile: Profile, values: Mapping[str, Secret]) -> Callable[[], None]:
        before, kept = self._profiles.get(profile.name), self.vault.memory.read(profile.id)
        self.hold(profile)
        if values:
            self.give(profile, values)

        def put_back() -> None:
            self._profiles.pop(profile.name)
            if before is not None:
                self.hold(before)
            self.vault.memory.forget(profile.id)
            if kept is not None:
                self.vault.memory.write(profile.id, kept)

        return put_back

    def keep_typed(self, name: str | None) -> str | None:
        """Keep what was typed for a profile where the profile says, now that the cloud took it. May take seconds.

        Returns in a word or two where it is now; None if it stays where it was: nothing was typed, the profile wants
        memory, its place cannot be used, or it was typed for something that a variable laid over the profile.

        Raises:
            StoreFailure: the place could be used, and yet it was not kept.
        """
        from evs_tui.credentials.kept import BindingChanged, parsed
        from evs_tui.credentials.vault import PLACE_WORDS

        profile = self._profiles.get(name or "")
        if profile is None or profile.keep_in == "session" or self._demo:
            return None
        text = self.vault.memory.read(profile.id)
        if text is None or not self.vault.state(profile.keep_in).is_ready:
            return None
        kept = parsed(text)
        try:
            kept.check(profile)
        except BindingChanged:
            return None
        self.vault.keep(profile, kept.values, profile.keep_in)
        self.vault.memory.forget(profile.id)
        return PLACE_WORDS[profile.keep_in]

    def save(self, profile: Profile, values: Mapping[str, Secret] | None = None, *, default: bool = False) -> None:
        """Write a profile, and keep its secret, if one is given, in the place that it names. May take seconds.

        Without a secret the one that is kept stays, and is refused later if it is bound to something else. A secret
        that moves to another place leaves the one before.

        Raises:
            StoreFailure: the secret was not kept; then the profile was not written either.
            ConfigFailure: `config.toml` cannot be changed.
        """
        from evs_tui.config.editing import save_profile

        before = self._profiles.get(profile.name)
        if values:
            self.vault.keep(profile, values, profile.keep_in)
        try:
            if not self._demo:
                save_profile(self._paths, profile, default=default)
        except Failure:
            if values and before is None:  # nobody would find it again
                self.vault.store(profile.keep_in).forget(profile.id)
            raise
        self._profiles[profile.name] = profile
        if default:
            self._default = profile.name
        if values and before is not None and before.keep_in not in {profile.keep_in, "session"}:
            self.vault.store(before.keep_in).forget(profile.id)

    def move(self, profile: Profile, to: SecretPlace) -> Profile:
        """Move the secret of a profile to another place, and let the profile say so. May take seconds.

        Raises:
            Failure: it was not moved, or a copy remains; the message says which.
        """
        self.vault.move(profile, to)
        moved = replace(profile, keep_in=to)
        self.save(moved)
        return moved

    def forget(self, profile: Profile) -> tuple[SecretPlace, ...]:
        """Remove every copy of the secret; where there were some. May take seconds.

        Raises:
            StoreFailure: something may be left; the message says so.
        """
        return self.vault.forget(profile)

    def remove(self, profile: Profile) -> tuple[SecretPlace, ...]:
        """Forget the secret and take the profile out of `config.toml`. May take seconds.

        Raises:
            StoreFailure: the secret may be left, so the profile stays too.
            ConfigFailure: `config.toml` cannot be changed.
        """
        from evs_tui.config.editing import remove_profile

        found = self.vault.forget(profile)
        if not self._demo:
            remove_profile(self._paths, profile.name)
        self._profiles.pop(profile.name, None)
        if self._default == profile.name:
            self._default = None
        return found

    def imported(self, name: str, entry: str) -> tuple[Profile, Mapping[str, Secret], tuple[str, ...]]:
        """A new profile `name` from an entry of clouds.yaml, the secret that it holds, and warnings. Nothing is saved.

        Raises:
            ConfigFailure: there is no such entry, or it cannot be used.
        """
        from evs_tui.credentials.importing import profile_of_entry

        return profile_of_entry(name, new_id(), entry, self._environ)


def new_id() -> str:
    """The id of a new profile."""
    return chance.token_hex(8)


def demo_profile() -> Profile:
    """The profile that leads to the demo's own cloud."""
    from evs_tui.config.profiles import Profile
    from evs_tui.demo import DEMO_CREDENTIAL

    return Profile(
        name=_DEMO,
        id=new_id(),
        cloud="otc",
        auth_url="https://iam.demo.invalid/v3",
        region=DEMO_CREDENTIAL.region,
        project=DEMO_CREDENTIAL.project,
        user=DEMO_CREDENTIAL.username,
        user_domain=DEMO_CREDENTIAL.user_domain,
    )
