"""When a token is renewed: once ahead of its end, and once when a service no longer takes it; never in a loop."""

from __future__ import annotations

from dataclasses import dataclass, field

from evs_tui.cloud.auth.strategy import Grant
from evs_tui.cloud.dialects import Service

_MARGIN_SECONDS = 300.0
_MARGIN_SHARE = 0.1
_PAUSE_SECONDS = 30.0


@dataclass(slots=True)
class TokenLife:
    """The life of the present token. Moments are seconds of `Clock.elapsed`, so a wrong wall clock does no harm.

    `generation` counts the tokens of the session: a request remembers with which one it was sent.
    """

    generation: int = 0
    renew_at: float | None = None
    ends_at: float | None = None
    _useless: set[tuple[int, Service]] = field(default_factory=set)

    def begin(self, grant: Grant, now: float) -> None:
        """A new token came at `now`. It is renewed five minutes, or a tenth of its life, before its end."""
        self.generation += 1
        self._useless.clear()
        self.renew_at = None
        self.ends_at = None if grant.lifetime is None else now + grant.lifetime
        if grant.lifetime is not None:
            self.renew_at = now + grant.lifetime - min(_MARGIN_SECONDS, _MARGIN_SHARE * grant.lifetime)

    def is_due(self, now: float) -> bool:
        """Whether it is time to renew ahead."""
        return self.renew_at is not None and now >= self.renew_at

    def postpone(self, now: float) -> None:
        """Renewing ahead did not work, the token still does: try again a little later."""
        self.renew_at = now + _PAUSE_SECONDS

    def hold(self) -> None:
        """Do not renew ahead any more: the credentials were refused. The token serves to its end."""
        self.renew_at = None

    def refused(self, generation: int) -> None:
        """A call that must not be repeated had its token refused: the next request begins with another one."""
        if self.generation == generation:
            self.renew_at = float("-inf")

    def useless_for(self, service: Service) -> bool:
        """Whether `service` refused this very token right after it was renewed for its sake."""
        return (self.generation, service) in self._useless

    def mark_useless(self, service: Service) -> None:
        """`service` refused the token that was just renewed for it: another one will not help."""
        self._useless.add((self.generation, service))
