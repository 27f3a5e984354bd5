"""Which column of a table is what: told by the user, or plain from its name and values."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.errors import unknown_name

# Role -> names that people give the column that plays it, the surest first. Compared without case;
# spaces and hyphens are underscores.
ROLES: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("id", "clip_id", "utterance_id", "utt_id", "sample_id", "segment_id", "uid", "key"),
        *("编号", "片段编号", "样本编号"),
    ),
    "file": (
        *("file", "filename", "file_name", "filepath", "file_path", "path", "media", "media_path"),
        *("clip", "clip_name", "文件", "文件名", "路径", "文件路径", "文件名称", "name", "名称"),
    ),
    "audio": (
        *("audio", "audio_path", "audio_file", "audio_filename", "wav", "wav_path", "wav_file"),
        *("音频", "音频文件", "音频路径"),
    ),
    "video": (
        *("video", "video_path", "video_file", "video_filename", "mp4", "mp4_path"),
        *("视频", "视频文件", "视频路径"),
    ),
    "text": (
        *("text", "transcript", "transcription", "utterance", "sentence", "subtitle", "subtitles"),
        *("content", "文本", "转写", "转录", "台词", "字幕", "句子", "内容"),
    ),
    "text_en": ("text_en", "english", "translation", "text_english", "英文", "译文", "翻译"),
    "label": (
        *("emotion", "emotion_label", "label", "emo", "emotions", "labels", "category", "class"),
        *("情绪", "情感", "情绪标签", "情感标签", "标签", "类别"),
    ),
    "speaker": (
        *("speaker", "speaker_id", "speaker_name", "spk", "spk_id", "actor", "actor_id"),
        *("subject", "subject_id", "说话人", "说话者", "演员", "被试"),
    ),
    "split": ("split", "partition", "subset", "set", "mode", "fold", "划分", "集合", "数据集划分"),
    "dialogue": (
        *("dialogue", "dialogue_id", "dialog", "dialog_id", "conversation", "conversation_id"),
        *("对话", "对话编号", "会话"),
    ),
    "start": (
        *("start", "start_s", "start_time", "starttime", "begin", "begin_time", "onset"),
        *("开始", "开始时间", "起始时间"),
    ),
    "end": ("end", "end_s", "end_time", "endtime", "stop", "offset", "结束", "结束时间"),
    "duration": ("duration", "duration_s", "length_s", "时长"),
    "sentiment": (
        *("sentiment", "sentiment_score", "polarity", "情感值", "情感极性", "label", "labels"),
    ),
    "description": ("description", "caption", "reason", "描述", "说明"),
    "open_vocabulary": (
        *("open_vocabulary", "openset", "open_set", "ov", "ov_labels", "开放词汇"),
    ),
    "language": ("language", "lang", "locale", "语言", "语种"),
}
NUMBERS = ("start", "end", "duration", "sentiment")
MEDIA = ("file", "audio", "video")
# Names of splits as people write them -> as they are here.
SPLITS: Mapping[str, str] = {
    **dict.fromkeys(("train", "training", "trn", "训练", "训练集"), "train"),
    **dict.fromkeys(("validation", "val", "valid", "dev", "development"), "validation"),
    **dict.fromkeys(("eval", "验证", "验证集", "开发集"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "测试", "测试集"), "test"),
}
_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_WHOLE = r"^\s*[+-]?\d+\s*$"


@dataclass(frozen=True)
class Roles:
    """Which column plays which role.

    Attributes:
        columns: Role to column, for the roles that are played.
        guessed: Those that nobody told.
    """

    columns: Mapping[str, str]
    guessed: frozenset[str]

    def __contains__(self, role: str) -> bool:
        """Whether a column plays it."""
        return role in self.columns

    def stated(self) -> str:
        """Every role with its column, for people.

        Example:
            >>> Roles({"file": "path", "label": "emo"}, frozenset({"file"})).stated()
            "as told, label 'emo'; by its name, file 'path'"
        """
        parts = []
        for guessed, how in ((False, "as told"), (True, "by its name")):
            found = [
                f"{role} {column!r}"
                for role, column in self.columns.items()
                if (role in self.guessed) == guessed
            ]
            if found:
                parts.append(", ".join([how, *found]))
        return "; ".join(parts)


def choose_columns(
    table: pa.Table,
    told: Mapping[str, str | None],
    names_media: Callable[[str, pa.ChunkedArray], bool],
    where: object,
) -> Roles:
    """Find the column of each role.

    Args:
        table: Columns of text.
        told: Role to column, or to None for a role that no column plays.
        names_media: Whether a column has the name of a media file: given "file", "audio" or
            "video" and the column. Only such a column is taken for one of these by its name,
            unless no other names the clips.
        where: The file, for errors.

    Raises:
        ValueError: A told column is not there, or a column called like a split has both names of
            splits and other values.
    """
    columns = {}
    for role, column in told.items():
        if column is not None:
            if column not in table.column_names:
                raise unknown_name(f"column of {where} for {role!r}", column, table.column_names)
            columns[role] = column
    taken, guessed = set(columns.values()), set()
    by_name = {_plain(name): name for name in reversed(table.column_names)}
    for role, names in ROLES.items():
        for name in names if role not in told else ():
            column = by_name.get(name)
            if column is None or column in taken or not _fits(role, table[column], column, where):
                continue
            if role in MEDIA and not names_media(role, table[column]):
                continue
            columns[role] = column
            taken.add(column)
            guessed.add(role)
            break
    if "file" not in told and not columns.keys() & {"id", *MEDIA}:  # media may all be missing
        called = (by_name.get(name) for name in ROLES["file"] if name not in ("name", "名称"))
        if column := next((name for name in called if name and name not in taken), None):
            columns["file"] = column
            guessed.add("file")
    return Roles({role: columns[role] for role in ROLES if role in columns}, frozenset(guessed))


def read_splits(column: pa.ChunkedArray, where: object) -> pa.ChunkedArray:
    """Name splits as they are here; other names stay, an empty cell is null.

    Raises:
        ValueError: A name has other characters than letters, digits and ``_``.
    """
    names = {name: split_of(name) or name.strip() for name in column.unique().to_pylist()}
    for name in names.values():
        if not re.fullmatch(r"\w*", name):
            raise ValueError(
                f"{where}: got a split {name!r}, expected letters, digits and underscores alone. "
                "Rename it, or name another column: columns={'split': ...}."
            )
    values = pa.array([name or None for name in names.values()], pa.string())
    return values.take(pc.index_in(column, value_set=pa.array(names, pa.string())))


def split_of(name: str) -> str | None:
    """The split that a word names in any spelling, or None.

    Example:
        >>> split_of("Dev"), split_of("测试集"), split_of("labels")
        ('validation', 'test', None)
    """
    return SPLITS.get(_plain(name))


def is_numeric(column: pa.ChunkedArray, pattern: str = _NUMBER) -> bool:
    """Whether all cells that hold anything hold numbers, and any does."""
    held = column.filter(pc.not_equal(pc.utf8_trim_whitespace(column), ""))
    return len(held) > 0 and bool(pc.all(pc.match_substring_regex(held, pattern)).as_py())


def _fits(role: str, column: pa.ChunkedArray, name: str, where: object) -> bool:
    """Whether a column can play the role that its name suggests."""
    if role in NUMBERS:
        return is_numeric(column)
    if role == "label":  # 0.6 is how much, not which
        return not is_numeric(column) or is_numeric(column, _WHOLE)
    if role == "split":
        values = [value for value in column.unique().to_pylist() if value.strip()]
        others = [value for value in values if split_of(value) is None]
        if others and len(others) < len(values):
            raise ValueError(
                f"{where}: column {name!r} looks like the split, but got {others[0]!r} beside "
                f"names of splits, expected train, validation or test. Correct it, or say what it "
                f"is: columns={{'split': {name!r}}} takes its values as they are, and "
                "columns={'split': None} leaves it a column like others."
            )
        return bool(values) and not others
    return bool(pc.any(pc.not_equal(pc.utf8_trim_whitespace(column), "")).as_py())


def _plain(name: str) -> str:
    """A name without case, and with one kind of space."""
    return re.sub(r"[\s\-]+", "_", unicodedata.normalize("NFKC", name).strip().lower())
