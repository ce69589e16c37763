"""Who signs in: the profiles of `config.toml`, their secrets wherever they are kept, and the identity of a run.

Methods that say so may take seconds (a keyring, a slow file): call them with `await aside(...)` on a loop.
"""

from __future__ import annotations

import secrets as chance
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evs_tui.failure import RefusedFailure

if TYPE_CHECKING:
    from evs_tui.cloud.identity import Identity
    from evs_tui.config.paths import Paths
    from evs_tui.config.profiles import Profile, SecretPlace
    from evs_tui.config.settings import Settings
    from evs_tui.credentials.stores.store import StoreState
    from evs_tui.credentials.vault import Vault
    from evs_tui.secret import Secret


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line, or a person at the screen, asks for; None leaves it to the source of identity."""

    profile: str | None = None
    region: str | None = None
    project: str | None = None


class Accounts:
    """The profiles of this user and what opens them. In the demo there are none, and nothing is kept."""

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
        self._profiles = dict(settings.profiles)
        self._default = settings.default_profile

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
            UsageFailure: there is none.
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
        if self._demo:
            return demo_identity()
        from evs_tui.credentials.choose import Profiles, choose_identity

        return choose_identity(
            profile=wanted.profile,
            region=wanted.region,
            project=wanted.project,
            environ=self._environ,
            profiles=Profiles(self._profiles, self._default, self.vault.secrets),
        )

    def store_state(self, place: SecretPlace) -> StoreState:
        """Whether secrets can be kept there now. May take seconds."""
        return self.vault.state(place)

    def give(self, profile: Profile, values: Mapping[str, Secret]) -> None:
        """Take a secret for this run alone: it is kept in memory and used before any other."""
        self.vault.keep(profile, values, "session")

    def save(self, profile: Profile, values: Mapping[str, Secret] | None = None, *, default: bool = False) -> None:
        """Write a profile, and keep its secret, if one is given, in the place that it names. May take seconds.

        Without a secret the one that is kept stays, and is refused later if it is bound to something else. A secret
        that moves to another place leaves the one before.

        Raises:
            StoreFailure: the secret was not kept; then the profile was not written either.
            ConfigFailure: `config.toml` cannot be changed.
            RefusedFailure: this is the demo.
        """
        from evs_tui.config.editing import save_profile

        self._refuse_in_demo()
        before = self._profiles.get(profile.name)
        if values:
            self.vault.keep(profile, values, profile.keep_in)
        save_profile(self._paths, profile, default=default)
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
        self._refuse_in_demo()
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

        self._refuse_in_demo()
        found = self.vault.forget(profile)
        remove_profile(self._paths, profile.name)
        self._profiles.pop(profile.name, None)
        if self._default == profile.name:
            self._default = None
        return found

    def imported(self, name: str, entry: str) -> tuple[Profile, Mapping[str, Secret]]:
        """A new profile `name` from an entry of clouds.yaml, and the secret that the entry holds. Nothing is saved.

        Raises:
            ConfigFailure: there is no such entry, or it cannot be used.
        """
        from evs_tui.credentials.importing import profile_of_entry

        return profile_of_entry(name, new_id(), entry, self._environ)

    def _refuse_in_demo(self) -> None:
        if self._demo:
            raise RefusedFailure("Nothing was kept", "the demo leaves no file behind and touches no keyring")


def new_id() -> str:
    """The id of a new profile."""
    return chance.token_hex(8)


def demo_identity() -> Identity:
    """Who signs in at the demo's own cloud."""
    from evs_tui.cloud.identity import Identity, PasswordLogin, Scope
    from evs_tui.demo import DEMO_CREDENTIAL
    from evs_tui.secret import Secret

    credential = DEMO_CREDENTIAL
    return Identity(
        source="demo",
        secret_place="memory",  # noqa: S106 - the word for the header, not a secret
        login=PasswordLogin(
            password=Secret(credential.password),
            user_name=credential.username,
            user_domain_name=credential.user_domain,
        ),
        auth_url="https://iam.demo.invalid/v3",
        scope=Scope(project_name=credential.project),
        region=credential.region,
        dialect="otc",
    )
