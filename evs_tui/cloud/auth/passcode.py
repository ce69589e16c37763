"""The one error that a person can cure on the spot: a current passcode is needed."""

from __future__ import annotations

from evs_tui.cloud.errors import CloudError, ErrorKind


class PasscodeNeeded(CloudError):
    """Signing in needs a passcode (MFA) that was not given, or that is used up.

    Whoever can ask a person gives the answer to `Session.give_passcode` and tries again. `user` is who signs in.
    """

    asks_for_passcode = True

    def __init__(self, user: str, *, again: bool) -> None:
        super().__init__(
            ErrorKind.EXPIRED,
            "A new passcode is needed" if again else "A passcode is needed",
            "the one-time passcode (MFA) has been used and cannot be sent twice"
            if again
            else "this user signs in with password and one-time passcode (MFA), and no passcode is left to send",
            "Start again with a new passcode (OS_PASSCODE)" if again else "Set OS_PASSCODE to a new passcode",
        )
        self.user = user
