"""The two JSON files of each streaming clip, checked field by field; labels normalised, raw kept.

The annotations are JSON inside a Markdown fence. In five clips labels are bilingual, in one they
carry emoji, and some are no GoEmotions labels at all.
"""

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.labels import BASIC7, GOEMOTIONS

FOLDER = "streaming-finalsplit"
TIMES = "sentence_level_timestamps.json"
ANNOTATION = ".emotion.json"
FENCE = re.compile(r"\A\s*```\w*\n(.*?)\n?```\s*\Z", re.DOTALL)
RANGE = re.compile(r"\A(\d+):(\d\d)-(\d+):(\d\d)\Z")
# Fields of an utterance that are taken as they are, and of a clip.
TEXT_FIELDS = ("transcript_zh", "transcript_en", "audio_cues", "visual_cues", "evidence")
CLIP_FIELDS: dict[str, type] = {"lang": str, "film": str, "source_rel": str, "duration": float}
CLIP_FIELDS |= {"t_start_global": float, "t_end_global": float, "segments": list}
LARGE = 1e6
SEGMENT_FIELDS = {"index": int, "start": float, "end": float, "text": str, "filename": str}


@dataclass(frozen=True)
class Film:
    """One streaming clip as released.

    Attributes:
        title: Its folder, in English.
        annotation: ``<title>.emotion.json`` without its fence.
        times: ``sentence_level_timestamps.json``.
    """

    title: str
    annotation: dict[str, Any]
    times: dict[str, Any]


def read_films(tree: Tree) -> list[Film]:
    """Read both files of every clip, sorted by title.

    Raises:
        FileNotFoundError: There is no clip, or a clip lacks one of its files.
        ValueError: A file is no JSON, or a field is missing or of another kind.
    """
    found: dict[str, dict[str, File]] = {}
    for file in tree.find(rf"/({re.escape(TIMES)}|[^/]+{re.escape(ANNOTATION)})$"):
        folder, _, name = file.path.rpartition("/")
        found.setdefault(folder, {})[TIMES if name == TIMES else ANNOTATION] = file
    if not found:
        raise FileNotFoundError(
            f"{tree.root}: got no {FOLDER}/<Title>/{TIMES}, expected one for each streaming clip. "
            "Get a whole clone of github.com/NLP2CT/EmoS."
        )
    films = []
    for folder, files in sorted(found.items(), key=lambda item: item[0].rpartition("/")[2]):
        title = folder.rpartition("/")[2]
        if missing := {TIMES, ANNOTATION} - set(files):
            raise FileNotFoundError(
                f"{tree.root / folder}: got no {missing.pop()}, expected {TIMES} and "
                f"{title}{ANNOTATION}. Get a whole clone of github.com/NLP2CT/EmoS."
            )
        films.append(Film(title, _annotation(tree, files[ANNOTATION]), _times(tree, files[TIMES])))
    return films


def primary_emotion(label: str) -> str:
    """The Basic-7 label of ``Anger`` or, in five clips, ``Anger/愤怒``.

    Example:
        >>> primary_emotion("Anger/愤怒")
        'anger'
    """
    return label.partition("/")[0].strip().lower()


def secondary_label(label: str) -> str:
    """A secondary label without the emoji that one clip appends.

    Example:
        >>> secondary_label("Grief 😢")
        'grief'
    """
    return re.sub(r"[^a-z -]", "", label.lower()).strip()


def _annotation(tree: Tree, file: File) -> dict[str, Any]:
    """Read ``<title>.emotion.json`` and normalise its utterances, raw labels kept beside."""
    where = tree.locate(file)
    content = _object(where, _text(tree, file))
    fields: dict[str, type] = {"summary": str, "overall_emotion_trend": dict, "utterances": list}
    _require(content, fields, where)
    _require_some(content["utterances"], "utterances", where)
    trend = content["overall_emotion_trend"]
    _require(trend, {"dominant": str, "trajectory": str}, f"{where}, overall_emotion_trend")
    _require_basic7(trend["dominant"], f"{where}, overall_emotion_trend")
    utterances: list[dict[str, Any]] = []
    for i, item in enumerate(content["utterances"]):
        utterances.append(_utterance(item, f"{where}, utterance {i + 1}"))
    utterances[0]["turning_point"] = None
    for before, after in pairwise(utterances):
        after["turning_point"] = before["emotion"] != after["emotion"]
    return {**content, "utterances": utterances}


def _utterance(item: Any, where: str) -> dict[str, Any]:
    fields = dict.fromkeys(TEXT_FIELDS, str) | {"timestamp_range": str, "intensity": int}
    _require(item, fields | {"emotion_primary": str, "emotion_secondary": list}, where)
    _require_basic7(item["emotion_primary"], where)
    times = RANGE.match(item["timestamp_range"])
    if times is None:
        raise _unusable(where, f"timestamp_range {item['timestamp_range']!r}", "MM:SS-MM:SS")
    m_start, s_start, m_end, s_end = map(int, times.groups())
    raw = item["emotion_secondary"]
    if not all(isinstance(label, str) for label in raw):
        raise _unusable(where, f"emotion_secondary {raw!r}", "a list of words")
    labels = [label for label in map(secondary_label, raw) if label]
    return {
        "start_s": 60.0 * m_start + s_start,
        "end_s": 60.0 * m_end + s_end,
        **{name: _optional(item, name, where) for name in ("speaker_guess", "note")},
        "emotion": primary_emotion(item["emotion_primary"]),
        "emotion_raw": item["emotion_primary"],
        "secondary": [label for label in labels if label in GOEMOTIONS],
        "secondary_raw": raw,
        "open_vocabulary": labels,
        "intensity": item["intensity"],
        **{name: item[name] for name in TEXT_FIELDS},
    }


def _times(tree: Tree, file: File) -> dict[str, Any]:
    """Read ``sentence_level_timestamps.json``; segments get our names of times."""
    where = tree.locate(file)
    content = _object(where, _text(tree, file))
    _require(content, CLIP_FIELDS, where)
    _require_some(content["segments"], "segments", where)
    if content["lang"] not in ("zh", "en"):
        raise _unusable(where, f"lang {content['lang']!r}", "'zh' or 'en'")
    segments = []
    for i, item in enumerate(content["segments"]):
        _require(item, SEGMENT_FIELDS, f"{where}, segment {i + 1}")
        segment = {name: item[name] for name in ("index", "text", "filename")}
        segments.append({**segment, "start_s": item["start"], "end_s": item["end"]})
    return {**content, "segments": segments}


def _text(tree: Tree, file: File) -> str:
    try:
        return tree.read(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unusable(tree.locate(file), f"no UTF-8 ({error})", "UTF-8 text") from error


def _object(where: str, text: str) -> dict[str, Any]:
    """Parse a JSON object, out of its Markdown fence where it has one."""
    fenced = FENCE.match(text)
    try:
        content = json.loads(fenced[1] if fenced else text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _unusable(where, f"no readable JSON ({error})", "a JSON object") from error
    return content


def _require(item: Any, fields: dict[str, type], where: str) -> None:
    """Raise where an object lacks a field or has another kind of value in it."""
    if not isinstance(item, dict):
        raise _unusable(where, type(item).__name__, "a JSON object")
    for name, kind in fields.items():
        value = item.get(name)
        kinds = (int, float) if kind is float else (kind,)
        fits = isinstance(value, kinds) and not isinstance(value, bool)
        if isinstance(value, int | float):
            fits = fits and abs(value) < LARGE  # not so for NaN
        if not fits:
            raise _unusable(where, f"{name} {value!r:.60}", f"a value of type {kind.__name__}")


def _optional(item: dict[str, Any], name: str, where: str) -> str | None:
    value = item.get(name)
    if value is not None and not isinstance(value, str):
        raise _unusable(where, f"{name} {value!r:.60}", "words, or nothing")
    return value


def _require_some(items: list[Any], name: str, where: str) -> None:
    if not items:
        raise _unusable(where, f"no {name}", "one or more")


def _require_basic7(label: str, where: str) -> None:
    if primary_emotion(label) not in BASIC7:
        raise _unusable(where, f"emotion {label!r}", f"one of {', '.join(BASIC7)}")


def _unusable(where: str, got: str, expected: str) -> ValueError:
    return ValueError(f"{where}: got {got}, expected {expected}. Use the file as released.")
