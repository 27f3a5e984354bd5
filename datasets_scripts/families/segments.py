"""CMU's label sequences as clips: joined with transcripts and words by interval, folds by video."""

import ast
from collections.abc import Sequence as Names

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.csd import Sequence
from affecthub.datasets_scripts.families.sentiment_labels import Part
from affecthub.datasets_scripts.protocols.rules import SplitRule
from affecthub.datasets_scripts.reading.layout import File, Tree

# Of one clip, the label's interval and the transcript's differ by rounding.
SAME_TIME_S = 0.1
# What the SDK's words have in a pause.
PAUSE = "sp"
FOLDS = {"train": "train", "valid": "validation", "test": "test"}


def segments_part(
    labels: Sequence, names: Names[str], transcripts: pa.Table | None, words: Sequence | None
) -> tuple[Part, list[str]]:
    """Turn a label sequence into clips.

    A segment's position in its video is no clip number. Where a transcript has a line at its
    interval, the clip is that of the line; else its id is ``<video>[<position>]``, as the SDK has
    it, and its clip number is unknown.

    Args:
        labels: The label sequence.
        names: Our name of each of its columns.
        transcripts: Rows with ``id``, ``start_s`` and ``end_s``; None without transcripts.
        words: The sequence of words, for text.

    Returns:
        Clips with ``id``, ``video_id``, ``clip_id``, times, labels, and ``text`` from the words;
        and what does not fit.
    """
    videos = pa.array(labels.video, pa.string())
    clips = _clips_at(labels, transcripts)
    ids = [
        clip or f"{video}[{position}]"
        for clip, video, position in zip(clips, labels.video, labels.position, strict=True)
    ]
    duration = labels.end_s - labels.start_s
    columns = {
        "id": pa.array(ids, pa.string()),
        "video_id": videos,
        "clip_id": pa.array([clip and clip.rpartition("_")[2] for clip in clips], pa.string()),
        "start_s": pa.array(labels.start_s),
        "end_s": pa.array(labels.end_s),
        "duration_s": pa.array(duration, mask=duration < 0),
    }
    for name, values in zip(names, labels.values.T, strict=True):
        columns[name] = pa.array(values)
    if words is not None:
        columns["text"] = pa.array(_text_in(labels, words), pa.string())
    problems = []
    lost = [name for name, clip in zip(ids, clips, strict=True) if clip is None]
    if lost and transcripts is not None:
        problems.append(
            f"{labels.source}: {len(lost)} of {len(ids)} segments have no line of a transcript at "
            f"their time, first {lost[0]}; they keep that name"
        )
    return Part(labels.source, pa.table(columns)), problems


def read_folds(tree: Tree, file: File) -> SplitRule:
    """Read the SDK's ``*_std_folds.py``: lists of videos, taken as data and not run.

    Raises:
        ValueError: The file is no Python, or lacks one of ``standard_{train,valid,test}_fold`` as
            a list of video ids, or a video stands in two.
    """
    where = tree.root / file.path
    found: dict[str, tuple[str, ...]] = {}
    try:
        for node in ast.parse(tree.read(file)).body:
            if not isinstance(node, ast.Assign):
                continue
            for target in node.targets:
                name = target.id if isinstance(target, ast.Name) else ""
                fold = FOLDS.get(name.removeprefix("standard_").removesuffix("_fold"))
                if fold:
                    found[fold] = tuple(map(str, ast.literal_eval(node.value)))
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(
            f"{where}: got no lists of videos ({str(error)[:200]}), expected the SDK's file of "
            "standard folds. Get it again."
        ) from error
    videos = [video for fold in found.values() for video in fold]
    if len(found) < len(FOLDS) or len(set(videos)) < len(videos):
        raise ValueError(
            f"{where}: got {', '.join(sorted(found)) or 'no folds'}, expected "
            "standard_train_fold, standard_valid_fold and standard_test_fold without a video in "
            "two of them. Use the file as the SDK has it."
        )
    return SplitRule("folds", "video_id", {name: found[name] for name in FOLDS.values()})


def _clips_at(labels: Sequence, transcripts: pa.Table | None) -> list[str | None]:
    """The clip of each segment by its interval; of two that are near, the nearer one."""
    clips: list[str | None] = [None] * len(labels.video)
    if transcripts is None:
        return clips
    rows_of: dict[str, list[int]] = {}
    ids = transcripts["id"].to_pylist()
    for row, clip in enumerate(ids):
        rows_of.setdefault(clip.rpartition("_")[0], []).append(row)
    spoken = np.column_stack([transcripts[name].to_numpy() for name in ("start_s", "end_s")])
    segments_of: dict[str, list[int]] = {}
    for segment, video in enumerate(labels.video):
        segments_of.setdefault(video, []).append(segment)
    times = np.column_stack([labels.start_s, labels.end_s])
    for video, segments in segments_of.items():
        lines = rows_of.get(video)
        if not lines:
            continue
        apart = np.abs(times[segments][:, None] - spoken[lines][None]).max(axis=2)
        nearest = apart.argmin(axis=1)
        for i, line in enumerate(nearest):
            if apart[i, line] <= SAME_TIME_S and apart[:, line].argmin() == i:
                clips[segments[i]] = ids[lines[line]]
    return clips


def _text_in(labels: Sequence, words: Sequence) -> list[str | None]:
    """The words whose middle lies in each segment; None where there are none."""
    of_video: dict[str, list[int]] = {}
    for row, video in enumerate(words.video):
        if words.values[row].strip() not in ("", PAUSE):
            of_video.setdefault(video, []).append(row)
    middle = (words.start_s + words.end_s) / 2
    texts: list[str | None] = []
    for video, start, end in zip(labels.video, labels.start_s, labels.end_s, strict=True):
        rows = np.array(of_video.get(video, []), dtype=np.int64)
        own = rows[(middle[rows] >= start) & (middle[rows] < end)]
        said = [words.values[row].strip() for row in own[np.argsort(middle[own], kind="stable")]]
        texts.append(" ".join(said) or None)
    return texts


def times_known(part: Part) -> pa.Table | None:
    """The lines of transcripts that have an id and both times; None where a part has no times."""
    if "start_s" not in part.rows.column_names:
        return None
    rows = part.rows.select(["id", "start_s", "end_s"])
    return rows.filter(pc.and_(pc.is_valid(rows["start_s"]), pc.is_valid(rows["end_s"])))
