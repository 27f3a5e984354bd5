"""Answers on a disk, a line each, beside the keys of what gave them, so that none is mistaken.

An answer belongs to the model's weights, what it was asked and how, and the clip it was asked
about. The first three make the key ``model`` of a line, the clip's media and words its key
``clip``. A killed run goes on from its file; another model's answers are never taken for its own.
"""

import hashlib
import json
import warnings
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from affecthub.cache import content_key
from affecthub.media import video_cut
from affecthub.training.recipe import Recipe

# Characters of a key in a file: enough that two of a million never meet.
_SHOWN = 16
_CHUNK = 1 << 24
# Says where and by what a thing was made, not what it is.
_PROVENANCE = ("transformers_version", "_name_or_path", "name_or_path", "_commit_hash")


class Journal:
    """The answers to clips under one model key, in memory and, where a path is given, on a disk.

    Args:
        path: jsonl with ``id``, ``prediction``, ``model`` and ``clip`` per line, ``error`` too
            where a clip could not be asked; None keeps answers in memory alone.
        key: See `model_key`; may be empty without a path.
        replace: What becomes of a file that another model wrote: True starts it anew, False
            refuses.

    Raises:
        ValueError: The file is not such a jsonl, or another model's and not to be replaced.
    """

    def __init__(self, path: str | Path | None, key: str = "", *, replace: bool = False) -> None:
        self.path = None if path is None else Path(path)
        self.key = key[:_SHOWN]
        self.lines: dict[str, dict[str, Any]] = {}
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.is_file():
            self._read(self.path, replace)

    def keep(self, clips: Mapping[str, str]) -> None:
        """Forget answers about clips that have changed since, with a warning, in the file too.

        Args:
            clips: Clip id to its `clip_key`; ids without an answer do not matter.
        """
        changed = [
            clip_id
            for clip_id, line in self.lines.items()
            if clip_id in clips and line.get("clip") != clips[clip_id][:_SHOWN]
        ]
        if changed:
            warnings.warn(
                f"{self.path}: {len(changed)} answers are asked for again, because their clips "
                f"have changed: {', '.join(changed[:5])}{', ...' if len(changed) > 5 else ''}",
                stacklevel=3,
            )
            for clip_id in changed:
                del self.lines[clip_id]
            self._rewrite()

    def add(self, clip_id: str, answer: str, clip: str = "", error: str | None = None) -> None:
        """Note an answer, and write it down before the next is thought of."""
        line = {"id": clip_id, "prediction": answer, "model": self.key, "clip": clip[:_SHOWN]}
        if error is not None:
            line["error"] = error
        self.lines[clip_id] = line
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(_as_line(line))

    def _read(self, path: Path, replace: bool) -> None:
        """Read what an earlier run wrote; a line cut off by a kill is dropped from the file."""
        content = path.read_bytes()  # it may be cut inside of a character
        whole = content[: content.rfind(b"\n") + 1]
        # Not `splitlines`: JSON leaves some of what that takes for the end of a line as it is.
        for number, text in enumerate(whole.decode("utf-8").split("\n")[:-1], start=1):
            try:
                line = json.loads(text)
                self.lines[line["id"]] = line | {"prediction": line["prediction"]}
            except (json.JSONDecodeError, KeyError, TypeError) as error:
                raise ValueError(
                    f"{path}, line {number}: got {text[:60]!r}, expected an object with `id` and "
                    "`prediction`. Give another output file."
                ) from error
        others = [line for line in self.lines.values() if line.get("model") != self.key]
        if others and not replace:
            raise ValueError(
                f"{path} holds {len(others)} answers of another model, question or setting: got "
                f"model {others[0].get('model')!r}, expected {self.key!r}. Give another output "
                "file, or remove this one."
            )
        if others:
            self.lines = {}
        if others or whole != content:
            self._rewrite()

    def _rewrite(self) -> None:
        assert self.path is not None, "only what was read from a file changes"
        text = "".join(map(_as_line, self.lines.values()))
        self.path.write_text(text, encoding="utf-8", newline="\n")


def model_key(model: Any, processor: Any, recipe: Recipe) -> str:
    """What decides an answer beside the clip: every weight, the prompt, and how it is asked.

    Args:
        model: The model that answers. Of weights that lie on no device (offloaded ones), name,
            shape and the model's source stand for their values.
        processor: Its processor.
        recipe: Says the modalities, the question, its options and the longest answer.

    Returns:
        A SHA-256 in hexadecimal; the same for the same weights in another process.
    """
    digest = hashlib.sha256()
    settings = {
        "modalities": sorted(recipe.modalities),
        "question": recipe.question,
        "options": list(recipe.options),
        "max_new_tokens": recipe.max_new_tokens,
        "generation": _lasting(model.generation_config.to_dict()),
        "processor": _lasting(processor.to_dict()),
        "vocabulary": sorted(processor.tokenizer.get_vocab().items()),
    }
    digest.update(json.dumps(settings, sort_keys=True, default=str).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        if not isinstance(tensor, torch.Tensor):
            digest.update(repr(tensor).encode())
            continue
        digest.update(f"{tensor.dtype}{tuple(tensor.shape)}".encode())
        if tensor.is_meta:
            digest.update(str(model.config._name_or_path).encode())
            continue
        flat = tensor.detach().contiguous().reshape(-1).view(torch.uint8)
        for part in flat.split(_CHUNK):
            digest.update(part.cpu().numpy().data)
    return digest.hexdigest()


def clip_key(row: Mapping[str, Any], modalities: Iterable[str]) -> str:
    """What a model is given of a clip: its words, and the bytes of its files with their cut."""
    given: dict[str, Any] = {"cut": video_cut(row)}
    for name in sorted(modalities):
        value = row[name]
        given[name] = _content(value) if isinstance(value, Mapping) else value
    return content_key(json.dumps(given, sort_keys=True, ensure_ascii=True))


def _content(media: Mapping[str, Any]) -> str:
    """The key of a file's bytes, wherever they are."""
    if media["bytes"] is not None:
        return content_key(media["bytes"])
    path = Path(media["path"])
    if not path.is_file():
        return "absent"
    stat = path.stat()
    return _file_key(str(path), stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=1024)
def _file_key(path: str, size: int, changed: int) -> str:
    """The key of a file; a film that many clips share is read once."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lasting(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without what only says where they come from."""
    return {
        key: _lasting(value) if isinstance(value, Mapping) else value
        for key, value in settings.items()
        if key not in _PROVENANCE and value is not None
    }


def _as_line(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False) + "\n"
