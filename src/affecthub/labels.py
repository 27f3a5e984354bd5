"""Label sets of the corpora, and the few mappings between them that are honest.

This file imports nothing, so every room may use it.
"""

from affecthub.errors import unknown_name

# The harmonised label set, in alphabetical order. Ekman's six (1992) and neutral.
BASIC7 = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")

# Each corpus' own set, in the order of its released integer labels.
LABEL_SETS: dict[str, tuple[str, ...]] = {
    "demo": BASIC7,
    # The integers 0 to 6 of the released label files; the order is written nowhere else.
    "emotiontalk": ("neutral", "happy", "sad", "angry", "surprised", "disgusted", "fearful"),
    "emos": BASIC7,
    "meld": ("neutral", "surprise", "fear", "sadness", "joy", "disgust", "anger"),
    "iemocap": ("neu", "hap", "sad", "ang", "fru", "exc", "fea", "sur", "dis", "oth", "xxx"),
    "cmu_mosi": (),
    "cmu_mosei": (),
    "ch_sims": (),
    "ch_sims_v2": (),
    "mer2023": ("neutral", "angry", "happy", "sad", "worried", "surprise"),
    "mer2024": ("neutral", "angry", "happy", "sad", "worried", "surprise"),
    "ov_merd": (),
    "mer_caption": (),
    "emer": (),
}

# Word as released -> basic7. Only names of the same emotion: a label that is a near relation
# (frustrated, excited, worried) has no entry and maps to null.
_BASIC7_ALIASES: dict[str, tuple[str, ...]] = {
    "anger": ("angry", "anger", "ang", "愤怒", "生气", "憤怒", "生氣"),
    "disgust": ("disgust", "disgusted", "dis", "厌恶", "厭惡"),
    "fear": ("fear", "fearful", "fea", "scared", "恐惧", "害怕", "恐懼"),
    "joy": (
        "joy",
        "happy",
        "happiness",
        "hap",
        "joyful",
        "高兴",
        "开心",
        "快乐",
        "高興",
        "開心",
        "快樂",
    ),
    "neutral": ("neutral", "neu", "中性", "平静", "平靜"),
    "sadness": ("sad", "sadness", "悲伤", "难过", "伤心", "悲傷", "難過", "傷心"),
    "surprise": ("surprise", "surprised", "sur", "惊讶", "吃惊", "驚訝", "吃驚"),
}
_TO_BASIC7 = {alias: basic for basic, aliases in _BASIC7_ALIASES.items() for alias in aliases}

# Sign of each basic emotion. Surprise has none: it is as often pleasant as not.
_POLARITY = {
    "anger": -1,
    "disgust": -1,
    "fear": -1,
    "joy": 1,
    "neutral": 0,
    "sadness": -1,
    "surprise": None,
}


def label_set(corpus: str) -> tuple[str, ...]:
    """Give the emotion labels of a corpus, in the order of its ClassLabel integers.

    Raises:
        ValueError: The corpus is unknown; close matches are listed.
    """
    if corpus not in LABEL_SETS:
        raise unknown_name("corpus", corpus, LABEL_SETS)
    return LABEL_SETS[corpus]


def to_basic7(label: str | None) -> str | None:
    """Give the basic emotion that a corpus' label names, or None where there is no honest one.

    Args:
        label: A label as released, English or Chinese, any case; None and "" give None.

    Example:
        >>> to_basic7("Happy"), to_basic7("愤怒"), to_basic7("frustrated")
        ('joy', 'anger', None)
    """
    return _TO_BASIC7.get(label.strip().lower()) if label else None


def polarity(label: str | None) -> int | None:
    """Give -1, 0 or 1 for a label that names a basic emotion; None for surprise and unknown labels.

    Example:
        >>> polarity("sad"), polarity("neutral"), polarity("surprised")
        (-1, 0, None)
    """
    basic = to_basic7(label)
    return _POLARITY[basic] if basic else None
