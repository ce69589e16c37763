"""All that the simulated cloud remembers, and how it changes with time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from evs_tui.demo import servers as server_moves
from evs_tui.demo import uploads
from evs_tui.demo.account import Credential, Flavour, Origins, Project, credential_for, projects_for
from evs_tui.demo.records import Image, Inventory, Server, Volume
from evs_tui.demo.settings import ExpiredAnswer, PhaseSeconds, Settings
from evs_tui.demo.signatures import KeyRecord

if TYPE_CHECKING:
    from evs_tui.demo.clock import SettableClock


@dataclass(slots=True)
class Token:
    """A token that was given out. `project` is None where no scope was asked for; times are seconds since 1970."""

    value: str
    user_id: str
    user_name: str
    methods: tuple[str, ...]
    project: Project | None
    issued_at: float
    expires_at: float


@dataclass(slots=True)
class State:
    """One cloud's memory. `settle` must be called before it is read: it brings everything up to the clock's time."""

    flavour: Flavour
    clock: SettableClock
    origins: Origins
    phases: PhaseSeconds
    settings: Settings
    volumes: dict[str, Volume] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    uploads: dict[str, uploads.Upload] = field(default_factory=dict)
    moves: list[server_moves.Move] = field(default_factory=list)
    jobs: dict[str, server_moves.Job] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    used_passcodes: set[int] = field(default_factory=set)
    made_images: list[str] = field(default_factory=list)
    revision: int = 0
    expired_answer: ExpiredAnswer = "401"
    keys: dict[str, KeyRecord] = field(default_factory=dict)
    wrong_passwords: Counter[str] = field(default_factory=Counter)
    numbers: count[int] = field(default_factory=lambda: count(1))

    @classmethod
    def of(
        cls,
        inventory: Inventory,
        *,
        flavour: Flavour,
        clock: SettableClock,
        origins: Origins,
        phases: PhaseSeconds,
        settings: Settings,
    ) -> State:
        """A cloud that holds `inventory` and has given out no token yet."""
        state = cls(flavour, clock, origins, phases, settings, expired_answer=settings.expired_answer)
        state.volumes = {volume.id: volume for volume in inventory.volumes}
        state.servers = {server.id: server for server in inventory.servers}
        state.images = {image.id: image for image in inventory.images}
        return state

    @property
    def credential(self) -> Credential:
        """The main user's credential."""
        return credential_for(self.flavour)

    @property
    def projects(self) -> tuple[Project, ...]:
        """The account's projects."""
        return projects_for(self.flavour)

    def now(self) -> float:
        """The cloud's time in seconds since 1970."""
        return self.clock.now()

    def settle(self) -> None:
        """Let everything happen that is due by now."""
        uploads.settle(self)
        server_moves.settle(self)

    def changed(self) -> None:
        """Say that volumes came, went or changed what they are sorted by."""
        self.revision += 1

    def give_token(self, user_id: str, user_name: str, methods: tuple[str, ...], project: Project | None) -> Token:
        """A new token; older ones stay good."""
        now = self.now()
        value = f"gAAAAA-{self.flavour}-{next(self.numbers)}-{uuid4().hex}"
        token = Token(value, user_id, user_name, methods, project, now, now + self.settings.token_seconds)
        self.tokens[value] = token
        return token

    def expire_tokens(self, answer: ExpiredAnswer | None = None) -> None:
        """End every token given out so far; `answer` changes how the EVS service words it from now on."""
        now = self.now()
        for token in self.tokens.values():
            token.expires_at = min(token.expires_at, now)
        if answer is not None:
            self.expired_answer = answer
