"""Fields of a stream's answer: their names in JSON, and their lines in plain text."""

import re
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from affecthub.metrics.replies.keys import compact
from affecthub.metrics.replies.times import RANGE

# Field -> its names in JSON and in plain text; case, spaces, _ and - do not matter.
CLIP: dict[str, tuple[str, ...]] = {
    "summary": ("summary", "摘要", "概述", "总结"),
    "trend": (
        *("overall emotions trend", "overall emotion trend", "emotion trend", "overall trend"),
        *("trend", "整体情绪趋势", "情绪趋势"),
    ),
    "dominant": ("dominant emotion", "dominant", "主导情绪"),
    "trajectory": ("trajectory", "emotion trajectory", "情绪轨迹", "轨迹", "变化轨迹"),
    "utterances": ("utterances", "utterance level annotations", "annotations", "话语", "逐句标注"),
}
OF_UTTERANCE: dict[str, tuple[str, ...]] = {
    "times": (
        *("timestamp range", "timestamp", "timestamps", "time range", "time"),
        *("时间戳范围", "时间范围", "时间戳", "时间"),
    ),
    "speaker": ("speaker guess", "speaker", "说话人", "说话者", "说话人猜测"),
    "transcript": (
        *("transcript zh", "transcript en", "transcript", "chinese transcript"),
        *("english transcript", "utterance", "text", "中文转写", "英文转写", "中文文本"),
        *("英文文本", "转写", "台词"),
    ),
    "primary": (
        *("primary 7class", "primary 7 class", "emotion primary", "primary emotion", "primary"),
        *("emotion", "主要情绪", "主情绪", "基本情绪", "情绪"),
    ),
    "secondary": (
        *("secondary goemotions", "emotion secondary", "secondary emotions", "secondary emotion"),
        *("secondary", "goemotions", "goemotions labels", "次要情绪", "细粒度情绪"),
    ),
    "intensity": ("intensity", "emotion intensity", "强度", "情绪强度"),
    "audio": ("audio cues", "acoustic cues", "声音线索", "音频线索", "听觉线索"),
    "visual": ("visual cues", "视觉线索", "画面线索"),
    "cues": ("cues", "线索"),
    "evidence": ("evidence", "证据", "依据"),
}


def _by_name(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {compact(name): field for field, names in table.items() for name in names}


_CLIP, _OF_UTTERANCE = _by_name(CLIP), _by_name(OF_UTTERANCE)


def clip_field(key: object) -> str | None:
    """The field of a clip that a key stands for."""
    return _CLIP.get(compact(key)) if isinstance(key, str) and len(key) <= 60 else None


@lru_cache(maxsize=1024)
def utterance_field(key: str) -> str | None:
    """The field of an utterance that a key stands for.

    Example:
        >>> utterance_field("emotion_primary"), utterance_field("transcript_zh")
        ('primary', 'transcript')
    """
    name = compact(key[:60])
    if name.startswith("transcript"):
        return "transcript"
    return _OF_UTTERANCE.get(name)


def transcript_language(key: str) -> str:
    """The language that a transcript's key names; "" where it names none.

    Example:
        >>> transcript_language("transcript_en"), transcript_language("Chinese transcript")
        ('en', 'zh')
    """
    name = compact(key[:60])
    if name.endswith("zh") or "chinese" in name or "中文" in name:
        return "zh"
    return "en" if name.endswith("en") or "english" in name or "英文" in name else ""


@lru_cache(maxsize=1)
def _header() -> re.Pattern[str]:
    """A field at the beginning of a line, with a colon or alone there, or a range of time."""
    tables = (*CLIP.values(), *OF_UTTERANCE.values())
    names = sorted({name for each in tables for name in each}, key=lambda n: (-len(n), n))
    spelled = "|".join(re.escape(name).replace(r"\ ", r"[\s_-]?") for name in names)
    return re.compile(
        r"(?:\A|\n)[^\w\n]{0,12}(?:\d{1,3}[.)、]\s{0,3})?[^\w\n]{0,6}(?:"
        rf"(?P<name>{spelled})"
        r"\s{0,3}(?:[(（][^()（）\n]{0,60}[)）])?[ \t*_\"'】\]]{0,6}(?:[:：][*_]{0,3}|(?=\n|\Z))"
        rf"|(?P<range>{RANGE})(?!\w))",
        re.IGNORECASE,
    )


def plain_stream(text: str) -> dict[str, Any] | None:
    """Clip's fields and utterances from lines such as ``Timestamp range: 00:03–00:12``.

    An utterance begins with each range of time, on a line of its own or behind its name.

    Returns:
        As the JSON would be, or None where no utterance begins.
    """
    headers = list(_header().finditer(text))
    clip: dict[str, Any] = {}
    utterances: list[dict[str, Any]] = []
    for header, after in zip_longest(headers, headers[1:]):
        value = text[header.end() : after.start() if after else len(text)].strip(" \t\r\n*;；")
        if header["range"]:
            utterances.append({"time": header["range"]})
            continue
        name = header["name"]
        if utterance_field(name) == "times":
            utterances.append({name: value})
        elif utterances and utterance_field(name):
            utterances[-1].setdefault(name, value)
        elif not utterances and clip_field(name):
            clip.setdefault(str(clip_field(name)), value)
    return clip | {"utterances": utterances} if utterances else None
