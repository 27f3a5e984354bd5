"""What the corpora's labels mean: names in English and Chinese, basic emotion, sign.

Which labels a corpus has stands in its own folder. This file imports nothing heavy, so every room
may use it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from affecthub.entries import entries, entry_of
from affecthub.errors import unknown_name

# The harmonised label set, in alphabetical order. Ekman's six (1992) and neutral.
BASIC7 = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")

# GoEmotions' labels (Demszky et al., 2020) in EmoS' column order, and with the answer of annotators
# who could not tell.
GOEMOTIONS = tuple(
    "admiration amusement anger annoyance approval caring confusion curiosity desire "
    "disappointment disapproval disgust embarrassment excitement fear gratitude grief joy love "
    "nervousness optimism pride realization relief remorse sadness surprise neutral".split()
)
GOEMOTIONS_WITH_UNSURE = (*GOEMOTIONS, "unsure")

# EmoS turned GoEmotions labels into basic emotions by two maps: one for the mass of soft labels
# (MELD's first 3,000 clips), one for the votes of annotators (its last 2,000). They are what EmoS
# did, not what a word means: confusion counts as neutral, disapproval as anger.
_MASS = {
    "anger": "anger annoyance disapproval",
    "disgust": "disgust",
    "fear": "fear nervousness",
    "joy": "admiration amusement approval desire excitement gratitude joy love optimism pride "
    "relief",
    "neutral": "caring confusion curiosity neutral realization unsure",
    "sadness": "disappointment embarrassment grief remorse sadness",
    "surprise": "surprise",
}
_MASS_OF = {label: basic for basic, labels in _MASS.items() for label in labels.split()}
GOEMOTIONS_TO_BASIC7: dict[str, dict[str, str]] = {
    "mass": _MASS_OF,
    "vote": _MASS_OF | {"caring": "joy", "embarrassment": "disgust"},
}

GOEMOTIONS_NOTE = "EmoS mapped soft labels by one map (mass), annotators' sets by another (vote)."


@dataclass(frozen=True)
class Emotion:
    """One emotion, or one answer in place of an emotion, under all the names that corpora use.

    Attributes:
        name: Its English noun.
        basic7: The basic emotion it names, or None.
        polarity: -1, 0 or 1; None where the word says nothing of good or bad.
        words: Names in released files and in Chinese, simplified and traditional, in lower case.
        note: Why it has no basic emotion, or has one although it names only a degree of it.
    """

    name: str
    basic7: str | None
    polarity: int | None
    words: tuple[str, ...]
    note: str = ""


# Name, basic emotion, sign, words, note. Only names of one and the same emotion share a line. Signs
# of GoEmotions' labels are its authors' groups (Demszky et al., 2020): positive, negative, and
# ambiguous, which has no sign.
_EMOTIONS = """
anger         |anger   |-| anger angry ang 愤怒 生气 憤怒 生氣 |
disgust       |disgust |-| disgust disgusted dis 厌恶 厭惡 |
fear          |fear    |-| fear fearful fea scared 恐惧 害怕 恐懼 |
joy           |joy     |+| joy joyful happy happiness hap 高兴 开心 快乐 喜悦 高興 開心 快樂 喜悅 |
neutral       |neutral |0| neutral neu 中性 中立 平静 自然 平靜 |
sadness       |sadness |-| sadness sad 悲伤 难过 伤心 悲傷 難過 傷心 |
surprise      |surprise| | surprise surprised sur 惊讶 吃惊 驚訝 吃驚 |
worry         |        |-| worry worried 担心 担忧 擔心 擔憂 | fear and sadness meet in it
frustration   |        |-| frustration frustrated fru 挫败 受挫 挫敗 | anger or sadness
excitement    |        |+| excitement excited exc 兴奋 激动 興奮 激動 | aroused, not always glad
calm          |        | | calm | at rest, beside neutral and not the same; mildly pleasant
other         |        | | other oth 其他 其它 | an emotion outside the corpus' set
no agreement  |        | | xxx | the raters had no majority
unsure        |        | | unsure 不确定 不確定 | the annotator could not tell
annoyance     |anger   |-| annoyance annoyed 恼怒 烦躁 惱怒 煩躁 | a mild degree of anger
grief         |sadness |-| grief 悲痛 悲恸 悲慟 | a strong degree of sadness
admiration    |        |+| admiration 钦佩 敬佩 欽佩 | a judgement of somebody
amusement     |        |+| amusement amused 好笑 逗乐 逗樂 | pleasure, not yet gladness
approval      |        |+| approval 赞同 赞成 贊同 贊成 | a judgement
caring        |        |+| caring 关心 关怀 關心 關懷 | an attitude; EmoS maps it two ways
contempt      |        |-| contempt contemptuous 轻蔑 蔑视 輕蔑 蔑視 | a judgement of somebody
confusion     |        | | confusion confused 困惑 疑惑 | a state of knowledge
curiosity     |        | | curiosity curious 好奇 | a state of knowledge
desire        |        |+| desire 渴望 渴求 | a wish, glad or painful
disappointment|        |-| disappointment disappointed 失望 | sadness or anger
disapproval   |        |-| disapproval 不赞同 反对 不贊同 反對 | a judgement, calm or angry
doubt         |        | | doubt doubtful 怀疑 懷疑 | a state of knowledge
embarrassment |        |-| embarrassment embarrassed 尴尬 窘迫 尷尬 | shame; EmoS maps it two ways
gratitude     |        |+| gratitude grateful 感激 感谢 感謝 | an attitude to somebody
love          |        |+| love 爱 爱意 愛 愛意 | an attitude to somebody
nervousness   |        |-| nervousness nervous 紧张 不安 緊張 | tension, with or without fear
optimism      |        |+| optimism optimistic 乐观 樂觀 | an expectation
pride         |        |+| pride proud 自豪 骄傲 驕傲 | a judgement of oneself
realization   |        | | realization 领悟 醒悟 領悟 | a state of knowledge
relief        |        |+| relief relieved 宽慰 释然 寬慰 釋然 | the end of a fear
remorse       |        |-| remorse 悔恨 懊悔 后悔 後悔 | sadness or disgust at oneself
"""
_SIGNS = {"+": 1, "0": 0, "-": -1, "": None}
EMOTIONS: tuple[Emotion, ...] = tuple(
    Emotion(name, basic7 or None, _SIGNS[sign], tuple(words.split()), note)
    for name, basic7, sign, words, note in (
        map(str.strip, line.split("|")) for line in _EMOTIONS.strip().splitlines()
    )
)
_EMOTION_OF = {word: emotion for emotion in EMOTIONS for word in emotion.words}

# Signs by name, as corpora of sentiment write them; "neutral" is among the emotions.
SIGN_WORDS = {
    **dict.fromkeys(("positive", "pos", "积极", "正面", "正向", "積極"), 1),
    **dict.fromkeys(("negative", "neg", "消极", "负面", "负向", "消極", "負面", "負向"), -1),
}


def label_set(corpus: str) -> tuple[str, ...]:
    """The emotion labels of a corpus, in the order of its ClassLabel integers.

    Raises:
        ValueError: The corpus is unknown; close matches are listed.
    """
    return entry_of(corpus).labels


def label_sets() -> dict[str, tuple[str, ...]]:
    """The label set of every corpus that has one, by the corpus' name."""
    return {name: entry.labels for name, entry in entries().items() if entry.labels}


def emotion_of(label: str | None) -> Emotion | None:
    """The emotion that a label names, or None where no corpus uses the label.

    Args:
        label: A label as released, English or Chinese, any case; None and "" give None.

    Example:
        >>> emotion_of("fru").name, emotion_of("担心").note
        ('frustration', 'fear and sadness meet in it')
    """
    return _EMOTION_OF.get(label.strip().lower()) if label else None


def spelled_out(labels: Iterable[str]) -> dict[str, str]:
    """Labels by the names that a person or a model can be asked with.

    Abbreviations of three letters are spelled out; "no agreement", which raters reach and nobody
    answers, is left out. Other labels are their own names.

    Args:
        labels: Of a corpus, as released.

    Returns:
        Name to label, in their order.

    Example:
        >>> spelled_out(["neu", "sad", "exc", "xxx"])
        {'neutral': 'neu', 'sad': 'sad', 'excitement': 'exc'}
    """
    names = {}
    for label in labels:
        emotion = emotion_of(label)
        short = len(label) == 3 and label.isascii() and label not in ("sad", "joy")
        if emotion is None or emotion.name != "no agreement":
            names[emotion.name if short and emotion is not None else label] = label
    return names


def to_basic7(label: str | None) -> str | None:
    """The basic emotion that a corpus' label names, or None where there is no honest one.

    Args:
        label: A label as released, English or Chinese, any case; None and "" give None.

    Example:
        >>> to_basic7("Happy"), to_basic7("愤怒"), to_basic7("frustrated")
        ('joy', 'anger', None)
    """
    emotion = emotion_of(label)
    return emotion.basic7 if emotion else None


def polarity(label: str | None) -> int | None:
    """The sign of a label: -1, 0 or 1; None where it has none, or no corpus uses it.

    Args:
        label: A label as released, or a word for the sign itself; None and "" give None.

    Example:
        >>> polarity("sad"), polarity("neutral"), polarity("positive"), polarity("surprised")
        (-1, 0, 1, None)
    """
    emotion = emotion_of(label)
    if emotion:
        return emotion.polarity
    return SIGN_WORDS.get(label.strip().lower()) if label else None


def label_table(name: str) -> list[dict[str, object]]:
    """What the labels of a corpus mean, one row each in label order.

    Args:
        name: A corpus, or ``"goemotions"``.

    Returns:
        Rows of ``label, basic7, polarity, words, note``, for GoEmotions also ``mass`` and ``vote``,
        EmoS' two maps. Empty for corpora without emotion labels.

    Raises:
        ValueError: The name is unknown; close matches are listed.

    Example:
        >>> label_table("mer2023")[4]["basic7"], label_table("mer2023")[4]["note"]
        (None, 'fear and sadness meet in it')
    """
    if name not in (*entries(), "goemotions"):
        raise unknown_name("corpus", name, (*entries(), "goemotions"))
    rows: list[dict[str, object]] = []
    for label in GOEMOTIONS_WITH_UNSURE if name == "goemotions" else label_set(name):
        # A corpus of another package may have words of its own.
        emotion = emotion_of(label) or Emotion(label, None, None, (label,), "a word of its own")
        row: dict[str, object] = {"label": label, "basic7": emotion.basic7}
        row |= {"polarity": emotion.polarity, "words": emotion.words, "note": emotion.note}
        if name == "goemotions":
            row |= {map_name: basic[label] for map_name, basic in GOEMOTIONS_TO_BASIC7.items()}
        rows.append(row)
    return rows
