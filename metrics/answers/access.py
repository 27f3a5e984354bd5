"""Where a server is and the token that opens it: the token comes from the environment alone."""

import os
from urllib.parse import urlsplit

# As many characters of a token are told apart from ordinary words.
_TELLING = 8


def require_address(url: str) -> None:
    """Refuse what is no address of a server, and one that holds a secret.

    Raises:
        ValueError: It has no ``http``, no host or an impossible one, a blank, a name and password,
            a query or a fragment.
    """
    if any(sign in url for sign in "@?#"):
        raise ValueError(
            "the address of an endpoint may hold no user, password, query or fragment, for it is "
            "part of what is written down: got one that does. Put the token in the environment."
        )
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        is_whole = is_whole and url.isprintable() and " " not in url
        (parts.hostname or "").encode("idna")
    except ValueError:  # also of a host with empty or endless parts
        is_whole = False
    if not is_whole:
        raise ValueError(
            f"no address of an endpoint: got {url!r}, expected one such as "
            "http://localhost:8000/v1."
        )


def authorization(variable: str) -> dict[str, str]:
    """The header that opens the server; empty without a token.

    Args:
        variable: Environment variable that holds the token.

    Raises:
        ValueError: The token cannot be sent in a header. The error does not show it.
    """
    token = _token(variable)
    if not token:
        return {}
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ValueError(
            f"the token in `{variable}` cannot be sent: got blanks, line breaks or letters beyond "
            "ASCII in it, expected none. Set the variable again."
        )
    return {"Authorization": f"Bearer {token}"}


def without_token(text: str, token_variable: str, *, wholly: bool = False) -> str:
    """A text in which ``***`` stands for the token.

    Args:
        text: What a server wrote.
        token_variable: Environment variable that holds the token.
        wholly: Whether parts of the token are blotted out as well, and tokens so short that they
            may be words; for errors. Answers of a model lose the whole token alone.
    """
    token = _token(token_variable)
    if not token:
        return text
    if not wholly:
        return text.replace(token, "***") if len(token) >= _TELLING else text
    size = min(_TELLING, len(token))
    grams = {token[start : start + size] for start in range(len(token) - size + 1)}
    hidden = bytearray(len(text))
    for start in range(len(text) - size + 1):
        if text[start : start + size] in grams:
            hidden[start : start + size] = b"\x01" * size
    shown = [
        ("" if start and hidden[start - 1] else "***") if hidden[start] else character
        for start, character in enumerate(text)
    ]
    return "".join(shown)


def _token(variable: str) -> str:
    return os.environ.get(variable, "").strip()
