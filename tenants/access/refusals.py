"""What sign-in refuses, in words that tell a stranger nothing."""

from backline.kernel.errors import Refusal


class NotSignedIn(Refusal):
    """Whoever asks has not shown who they are; which part was wrong is not told."""

    def __init__(self) -> None:
        super().__init__("sign_in_refused", "E-mail, password or code is wrong.")


class TooManyTries(Refusal):
    """Tried too often; come back after some seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "too_many_tries",
            f"This was tried too often. Try again in {seconds} seconds.",
            retry_after=seconds,
        )
        self.seconds = seconds
