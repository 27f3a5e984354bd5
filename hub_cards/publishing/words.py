"""What the Hub and the way to it have to say, in words that hold no token."""

import re

# A token by its look; and what follows an address, where signatures of uploads stand.
_TOKEN = re.compile(r"\b(?:hf|api_org)_[A-Za-z0-9]{6,}")
_QUERY = re.compile(r"(https?://[^\s?'\"]+)\?[^\s'\")]*")
_MEANINGS = {
    401: "the token is not one that the Hub knows: it is wrong, or has expired. Get another with "
    "`hf auth login`",
    402: "this costs money there. See its page",
    403: "your token does not give you the right. `hf auth whoami` says who you are to the Hub",
    404: "it is not there, or you may not see it",
    409: "somebody else does the same at the moment. Push again",
    412: "the repository changed meanwhile. Push again, and look at what will be sent",
    413: "too much in one request",
    429: "too many requests. Wait, and push again; what was sent is kept",
}
_TROUBLE = "the Hub has trouble of its own. Push again later; what was sent is kept"
_UNREACHED = "the Hub cannot be reached. Push again later; what was sent is kept"


class HubError(OSError):
    """The Hub refuses, or cannot be reached; the message says why, and holds no token.

    Attributes:
        status: Of its answer; None where there was none.
        passing: Whether the same may succeed a little later.
        retry_after_s: How long it asked to wait, in seconds; None where it did not.
    """

    def __init__(
        self,
        message: str,
        status: int | None = None,
        passing: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.passing, self.retry_after_s = status, passing, retry_after_s


def plain(text: str, secret: str | None) -> str:
    """One line without the token, whatever looks like one, and queries of addresses."""
    if secret:
        text = text.replace(secret, "<token>")
    text = _QUERY.sub(r"\1", _TOKEN.sub("<token>", text))
    return " ".join(text.split())


def told(what: str, error: BaseException, secret: str | None) -> HubError:
    """Build the error for something that went wrong on the way to the Hub or there.

    Args:
        what: What was tried, such as ``"push to me/x: to list its files"``.
        error: As the client raised it.
        secret: The token.

    Returns:
        An error to raise outside of the ``except`` block, so that nothing hangs on it.
    """
    chain = list(_chain(error))
    response = next((r for e in chain if (r := getattr(e, "response", None)) is not None), None)
    status = getattr(response, "status_code", None)
    if status is None:
        return _unanswered(what, chain, secret)
    meaning = _MEANINGS.get(status, _TROUBLE if status >= 500 else "")
    said = plain(_said(response), secret)
    return HubError(
        f"{what}: got {status}{f' ({said})' if said else ''}, expected success"
        + (f": {meaning}." if meaning else "."),
        status,
        passing=status in (408, 429) or status >= 500,
        retry_after_s=_seconds(response),
    )


def _chain(error: BaseException | None) -> "list[BaseException]":
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _unanswered(what: str, chain: list[BaseException], secret: str | None) -> HubError:
    """No answer: no way to the Hub, or a mistake that was found on this side."""
    first = chain[0]
    name = type(first).__name__
    if name == "OfflineModeIsEnabled":
        return HubError(f"{what}: got HF_HUB_OFFLINE=1, expected a way to the Hub. Unset it.")
    said = plain(str(first), secret)
    if any(map(_is_lost, chain)):
        return HubError(f"{what}: got {name}: {said}, expected success: {_UNREACHED}.", None, True)
    return HubError(f"{what}: got {name}: {said}, expected success.")


def _is_lost(error: BaseException) -> bool:
    """Whether the way to the Hub failed; whichever library the client travels by."""
    names = {each.__name__ for each in type(error).__mro__}
    return isinstance(error, ConnectionError | TimeoutError) or "TransportError" in names


def _said(response: object) -> str:
    """The Hub's own words."""
    headers = getattr(response, "headers", {})
    if words := headers.get("X-Error-Message"):
        return str(words)
    try:
        body = response.json()  # type: ignore[attr-defined]
        return str(body.get("error", "")) if isinstance(body, dict) else ""
    except Exception:  # no JSON, or an answer that was not read
        return ""


def _seconds(response: object) -> float | None:
    """What stands in Retry-After as a number; a date is left aside."""
    value = getattr(response, "headers", {}).get("Retry-After", "")
    return float(value) if re.fullmatch(r"\d+(\.\d+)?", value) else None
