"""A model that says what a file or a function says: for tests, rehearsals and released answers."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from affecthub.cache import content_key
from affecthub.settings import read_yaml
from affecthub.training.asking.asks import Ask, Kind, Reply

# What a script may say of a clip that is no plain answer.
_FIELDS = (*(field.name for field in fields(Reply)), "seconds")
# Said to all clips that the script does not name.
OTHERS = "*"
_KINDS: tuple[Kind, ...] = ("audio", "video")


class ScriptedBackend:
    """Answers by heart.

    Args:
        script: What to say: a mapping of clip ids to answers, a function of an `Ask` to an answer,
            or a file, YAML with such a mapping or jsonl with ``id`` and ``prediction`` in each
            line. An answer is a text, or a mapping with any of ``text``, ``error``, ``cut``,
            ``n_in`` and ``n_out``, see `Reply`, and ``seconds`` that it takes. The id ``*`` is
            every other clip.
        takes: Media it can be handed.
        batch_size: Questions at once.
        max_new_tokens: An answer of more words is cut there, and said to be cut.
        name: Of a function, to tell it from others.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no such script.

    Example:
        >>> backend = ScriptedBackend({"a": "joy"})
        >>> [reply.text for reply in backend.answer([Ask("a", "How?")])]
        ['joy']
    """

    def __init__(
        self,
        script: Mapping[str, Any] | Callable[[Ask], Any] | str | Path,
        *,
        takes: Iterable[Kind] = _KINDS,
        batch_size: int = 8,
        max_new_tokens: int | None = None,
        name: str = "",
    ) -> None:
        if isinstance(script, str | Path):
            script = read_script(Path(script))
        self._script = script
        self.takes = frozenset(takes)
        self.batch_size = batch_size
        self.max_new_tokens = max_new_tokens
        if callable(script):
            said = name or getattr(script, "__qualname__", "function")
        else:
            said = content_key(json.dumps(dict(script), sort_keys=True, ensure_ascii=True))[:32]
        limit = "" if max_new_tokens is None else f", up to {max_new_tokens} words"
        self.name = f"scripted {said}{limit}"

    def answer(self, asks: Sequence[Ask]) -> list[Reply]:
        """What the script says; a clip it does not know has that for an error."""
        return [self._reply(ask) for ask in asks]

    def close(self) -> None:
        """Nothing is open."""

    def _reply(self, ask: Ask) -> Reply:
        if callable(self._script):
            said = self._script(ask)
        else:
            said = self._script.get(ask.clip_id, self._script.get(OTHERS))
        if isinstance(said, Reply):
            return said
        if said is None:
            return Reply(error=f"the script has no answer to clip {ask.clip_id!r}")
        if isinstance(said, str):
            said = {"text": said}
        if said.get("seconds"):
            time.sleep(said["seconds"])
        told = {key: value for key, value in said.items() if key != "seconds"}
        words = str(told.get("text", "")).split()
        told.setdefault("n_in", len(ask.question.split()))
        told.setdefault("n_out", len(words))
        if self.max_new_tokens is not None and len(words) > self.max_new_tokens:
            told |= {"text": " ".join(words[: self.max_new_tokens]), "cut": True}
            told["n_out"] = self.max_new_tokens
        return Reply(**told)


def read_script(path: Path) -> dict[str, Any]:
    """Read a script from YAML or jsonl, see `ScriptedBackend`.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no such script.
    """
    if not path.is_file():
        raise FileNotFoundError(f"script not found: {path}. Check the path.")
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".jsonl", ".ndjson"):
        script = dict(_spoken(line, f"{path}, line {n}") for n, line in _numbered(text))
    else:
        found = read_yaml(text)
        if not isinstance(found, dict):
            raise ValueError(
                f"{path} is no script: got {type(found).__name__}, expected clip ids with answers."
            )
        script = {str(clip_id): said for clip_id, said in found.items()}
    for clip_id, said in script.items():
        if not isinstance(said, str) and not _is_spoken(said):
            raise ValueError(
                f"{path}: got {said!r} for clip {clip_id!r}, expected a text, or a mapping with "
                f"any of {', '.join(_FIELDS)}. Quote answers that YAML takes for something else."
            )
    return script


def _numbered(text: str) -> Iterable[tuple[int, str]]:
    # Not `splitlines`: JSON leaves some of what that takes for the end of a line as it is.
    return ((n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip())


def _spoken(text: str, where: str) -> tuple[str, Any]:
    """A line of jsonl: its clip and what is said to it."""
    try:
        line = json.loads(text)
        clip_id, said = line["id"], line.get("prediction", line.get("text", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{where}: got {text[:60]!r}, expected an object with `id` and `prediction`."
        ) from error
    told = {name: line[name] for name in _FIELDS if name in line and name != "text"}
    return str(clip_id), {"text": said, **told}


def _is_spoken(said: Any) -> bool:
    return (
        isinstance(said, dict)
        and not said.keys() - {*_FIELDS}
        and isinstance(said.get("text", ""), str)
    )
