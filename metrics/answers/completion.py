"""What became of one request for a chat completion, read from what the server replied."""

import json
from dataclasses import dataclass, replace
from typing import Any, Literal

from affecthub.metrics.answers.access import without_token

# Whom a failure concerns: whoever asks this server, this request alone, or a server that was too
# busy or broke off in every try.
Whose = Literal["", "all", "request", "server"]

_SENT_ELSEWHERE = {301, 302, 303, 307, 308}
_FOR_ALL = {401, 402, 403, 404, 405} | _SENT_ELSEWHERE
_LATER = {408, 425, 429}
# An account without money is told so by a 429 that no waiting mends.
_NO_MONEY = "insufficient_quota"


@dataclass(frozen=True)
class Completion:
    """What became of one request.

    Attributes:
        text: The answer; "" with a problem.
        n_in: Tokens read, where the server says so.
        n_out: Tokens written, likewise.
        cut: Whether the answer was as long as allowed and had no end.
        problem: Why there is no answer, as the object of "got"; "" where there is one.
        whose: Whom the problem concerns.
        status: Of the last try; 0 where there was none.
        reached: Whether anything listened in some try.
        n_tries: Requests that were sent.
        seconds: From the first try to the end of the last, with the waits.
    """

    text: str = ""
    n_in: int | None = None
    n_out: int | None = None
    cut: bool = False
    problem: str = ""
    whose: Whose = ""
    status: int = 0
    reached: bool = True
    n_tries: int = 0
    seconds: float = 0.0


def broken_off(problem: str) -> Completion:
    """What is left of a try without a whole answer."""
    return Completion(problem=problem, whose="server")


def read_body(status: int, body: bytes, token_variable: str) -> Completion:
    """What a server replied to one try.

    Args:
        status: The reply's.
        body: Its body, whole.
        token_variable: Environment variable whose token must not be in what is read.
    """
    try:
        content = _of_stream(body) if body.lstrip().startswith(b"data:") else json.loads(body)
    except (ValueError, RecursionError, AttributeError, TypeError):
        content = None
    if status == 200:
        done = _answer(content)
        if not done.problem:
            return replace(done, text=without_token(done.text, token_variable))
        said = _said(content, token_variable)
        return replace(done, status=status, problem=done.problem + said)
    problem = f"status {status}{_said(content, token_variable)}"
    if status in _FOR_ALL or (status == 429 and _code(content) == _NO_MONEY):
        whose: Whose = "all"
    else:
        whose = "server" if status in _LATER or status >= 500 else "request"
    return Completion(problem=problem, whose=whose, status=status)


def _answer(content: Any) -> Completion:
    """The answer in a body; a problem where it holds none."""
    try:
        choice = content["choices"][0]
        text, finish = choice["message"]["content"], choice.get("finish_reason")
    except (TypeError, KeyError, IndexError, AttributeError):
        what = "no JSON" if content is None else "JSON without an answer"
        return broken_off(f"{what} in the body")
    if isinstance(text, list):  # some servers answer in parts, as they are asked
        text = "".join(str(part.get("text") or "") for part in text if isinstance(part, dict))
    if not text and finish == "content_filter":
        return Completion(problem="an answer held back by the server's filter", whose="request")
    usage = content.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return Completion(
        text=str(text or ""),
        n_in=_count(usage.get("prompt_tokens")),
        n_out=_count(usage.get("completion_tokens")),
        cut=finish == "length",
        status=200,
    )


def _of_stream(body: bytes) -> dict[str, Any]:
    """The answer that a stream of events adds up to, as it would have come in one piece.

    Some hosted models answer in no other way. A stream that ends before its answer does is none.

    Raises:
        ValueError, AttributeError, TypeError: An event is no JSON, or another's.
    """
    text, finish, usage = "", None, None
    for line in body.decode("utf-8", "replace").split("\n"):  # other line ends may be in answers
        if not line.startswith("data:") or line[5:].strip() == "[DONE]":
            continue
        event = json.loads(line[5:])
        if not isinstance(event, dict) or "error" in event:
            return event if isinstance(event, dict) else {}
        usage = event.get("usage") or usage
        for choice in event.get("choices") or ():
            text += (choice.get("delta") or {}).get("content") or ""
            finish = choice.get("finish_reason") or finish
    message = {"message": {"content": text}, "finish_reason": finish}
    return {"choices": [message] if finish else [], "usage": usage}


def _count(number: Any) -> int | None:
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _code(content: Any) -> Any:
    error = content.get("error") if isinstance(content, dict) else None
    return (error.get("code") or error.get("type")) if isinstance(error, dict) else None


def _said(content: Any, token_variable: str) -> str:
    """What the server gives as its reason, in brackets; "" where it gives none."""
    if not isinstance(content, dict):
        return ""
    said = content.get("error") or content.get("message") or content.get("detail")
    if isinstance(said, list) and said:
        said = said[0]  # the first of several checks; it may repeat the request beside it
    if isinstance(said, dict):
        said = said.get("message") or said.get("msg")
    if not isinstance(said, str):
        return ""
    words = " ".join(without_token(said[:2000], token_variable, wholly=True).split())
    shown = "".join(letter for letter in words if letter.isprintable())
    return f" ({shown[:200]})" if shown else ""
