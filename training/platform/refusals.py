"""Why something is not done: each refusal has the status that HTTP has for it."""

from typing import Any


class RefusalError(Exception):
    """Something that the platform does not do.

    Args:
        why: A short name of the reason, which the page has words for.
        **more: What the page needs beside it.

    Attributes:
        status: Of HTTP.
        why: As given.
        more: As given.
    """

    status = 400

    def __init__(self, why: str, **more: Any) -> None:
        super().__init__(why)
        self.why = why
        self.more = more


class NotYoursError(RefusalError):
    """A clip that is not there or not for this person: which of the two is not told."""

    status = 404


class ChangedError(RefusalError):
    """Somebody, or the same person elsewhere, was faster; ``present`` is how it stands now."""

    status = 409


class WrongError(RefusalError):
    """An answer that is none, with ``faults``, or that breaks ``rules``."""

    status = 422
