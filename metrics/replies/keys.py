"""Names of an answer's fields, in English and Chinese, by what they hold."""

import re
from functools import lru_cache

LABEL, CONFIDENCE, FINE = "label", "confidence", "goemotions"
EVIDENCE, RATIONALE, SENTIMENT, TEXT = "evidence", "rationale", "sentiment", "text"

# Field -> the names that models and prompts have for it; case, spaces, _ and - do not matter.
NAMES: dict[str, tuple[str, ...]] = {
    LABEL: (
        *("predicted emotion", "emotion", "primary 7class", "primary 7 class", "primary emotion"),
        *("emotion primary", "primary", "main emotion", "basic emotion", "basic 7", "label"),
        *("predicted label", "emotion label", "labels", "emotions", "emotion labels", "prediction"),
        *("answer", "final answer", "category", "dominant emotion"),
        *("预测情绪", "主要情绪", "主情绪", "主导情绪", "基本情绪", "情绪", "情感", "情绪标签"),
        *("情绪类别", "情感类别", "标签", "答案"),
    ),
    SENTIMENT: ("sentiment", "polarity", "valence", "情感极性", "情感倾向", "极性", "效价"),
    CONFIDENCE: (
        *("model confidence", "confidence", "confidence score", "score", "probability"),
        *("certainty", "confidences", "scores", "probabilities"),
        *("模型置信度", "置信度", "置信分数", "可信度", "信心", "把握", "概率"),
    ),
    FINE: (
        *("goemotions labels", "goemotions", "goemotion labels", "goemotion", "fine labels"),
        *("secondary goemotions", "emotion secondary", "secondary emotions", "secondary emotion"),
        *("secondary", "finer labels", "GoEmotions标签", "细粒度标签", "细粒度情绪", "次要情绪"),
    ),
    EVIDENCE: ("evidence", "证据", "依据"),
    RATIONALE: (
        *("goemotions rationale", "goemotion rationale", "rationale", "reason", "explanation"),
        *("GoEmotions理由", "理由", "解释", "原因"),
    ),
    TEXT: ("description", "caption", "translation", "text", "描述", "字幕", "译文", "翻译"),
}
_inside = re.compile(r"[\W_]+")


def compact(name: str) -> str:
    """A field's name without case, spaces and marks.

    Example:
        >>> compact("Primary_7-class"), compact("置信度：")
        ('primary7class', '置信度')
    """
    return _inside.sub("", name).lower()


_FIELD_OF = {compact(name): field for field, names in NAMES.items() for name in names}


@lru_cache(maxsize=4096)
def _field_of(name: str) -> str | None:
    return _FIELD_OF.get(compact(name))


def field_of(name: object) -> str | None:
    """The field that a name stands for, or None.

    Example:
        >>> field_of("Model Confidence"), field_of("secondary_GoEmotions"), field_of("joy")
        ('confidence', 'goemotions', None)
    """
    return _field_of(name) if isinstance(name, str) and len(name) <= 60 else None
