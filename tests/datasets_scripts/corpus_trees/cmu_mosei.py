"""CMU-MOSEI as MMSA packs it, and as CMU gave it out with its crowd ratings."""

from pathlib import Path

from corpus_trees import sentiment
from corpus_trees.media import clip_video, clip_wav, put
from corpus_trees.sentiment import Clip

MODES = {
    "-3g5yACwYnA": "train",
    "208322": "train",
    "_aZDaIfGfPo": "train",
    "--qXJuDtHPw": "valid",
    "-6rXp3zJ3kc": "test",
    "SqofxdeEcjg": "test",
}
LABELS = ("-3.0", "0.6666667", "0.0", "-0.3333333", "1.0", "2.6666667")
# Clips count from 0 and have gaps.
CLIPS = [
    Clip(video, str(clip), f"Sentence {clip} of {i}, (umm) yes.", LABELS[(i + clip) % 6], mode)
    for i, (video, mode) in enumerate(MODES.items())
    for clip in (0, 3)
]
ANSWERS = ("happiness", "sadness", "anger", "surprise", "disgust", "fear")


def times(i: int) -> tuple[float, float]:
    """Start and end of clip i; some of the released ones begin before the video."""
    return (-0.437641723356, 8.5) if i == 0 else (10.0 + i, 12.25 + i)


def write_cmu(root: Path) -> Path:
    """``Raw/{Audio,Transcript,Videos}``: segments of video only, times in the transcripts."""
    raw = root / "Raw"
    for i, clip in enumerate(CLIPS):
        put(raw / "Videos" / "Segmented" / "Combined" / f"{clip.id}.mp4", clip_video(i))
    for i, video in enumerate(MODES):
        put(raw / "Videos" / "Full" / "Combined" / f"{video}.mp4", clip_video(i))
        put(raw / "Audio" / "Full" / "WAV_16000" / f"{video}.wav", clip_wav(i))
        lines = [
            "___".join((video, clip.clip, *map(str, times(j)), clip.text)) + "\n"
            for j, clip in enumerate(CLIPS)
            if clip.video == video
        ]
        # The transcripts also hold clips that have no label.
        lines.append(f"{video}___1___0.5___1.5___unlabelled\n")
        text = raw / "Transcript" / "Segmented" / "Combined" / f"{video}.txt"
        put(text, "".join(lines).encode())
    return root


def write_ratings(root: Path) -> Path:
    """Two batches: clip i is rated i % 4, and 0 by two others; clip 0 once more in the second."""
    header = ["HITId", "AssignmentStatus", "Input.VIDEO_ID", "Input.CLIP"]
    header += [f"Answer.{name}" for name in sorted(ANSWERS)] + ["Answer.sentiment"]
    rows = []
    for i, clip in enumerate(CLIPS):
        for rating in (i % 4, 0, 0):
            rows.append(["X", "Approved", clip.video, clip.clip, *[rating] * 6, 0])
    labels = root / "Raw" / "Labels"
    sentiment.write_csv(labels / "5000_batch_raw.csv", header, rows)
    again = ["Y", "Approved", CLIPS[0].video, CLIPS[0].clip, *[3] * 6, 0]
    sentiment.write_csv(labels / "mturk_extra_v2.csv", header, [again])
    sentiment.write_csv(labels / "notes.csv", ["video", "note"], [["208322", "dark"]])
    return root


def write_folds(root: Path) -> Path:
    """The SDK's standard folds: Python that imports what nobody has, and two lists too many."""
    lists = {
        f"standard_{fold}_fold": [v for v, mode in MODES.items() if mode == fold]
        for fold in ("train", "valid", "test")
    }
    lists["standard_test_fold"].append("never_labelled")
    lines = ["import mmsdk_internal", "x = open('/etc/hostname')"]
    lines += [f"{name} = {videos!r}" for name, videos in lists.items()]
    put(root / "cmu_mosei_std_folds.py", "\n".join(lines).encode())
    return root


def intensities(i: int) -> tuple[float, ...]:
    """Happy, sad, anger, surprise, disgust and fear of clip i, in thirds."""
    return tuple((i + k) % 4 * 2 / 3 for k in range(6))


def segments() -> dict[str, tuple[list[tuple[float, ...]], list[tuple[float, float]]]]:
    """Labels by video: position is no clip number, times are the transcripts but for rounding."""
    videos: dict[str, tuple[list[tuple[float, ...]], list[tuple[float, float]]]] = {}
    for i, clip in enumerate(CLIPS):
        start, end = times(i)
        labels, intervals = videos.setdefault(clip.video, ([], []))
        labels.append((float(clip.label), *intensities(i)))
        intervals.append((start + 0.004, end - 0.003))
    return videos


def write_csd(root: Path) -> Path:
    """The SDK's labels and words, and its folds."""
    sentiment.write_csd(root / "CMU_MOSEI_Labels.csd", "All Labels", segments())
    words = {}
    for video in MODES:
        spoken, intervals = [], []
        for i, clip in enumerate(CLIPS):
            start, end = times(i)
            said = [*clip.text.lower().split(), "sp"] if clip.video == video else []
            step = (end - start) / max(len(said), 1)
            spoken += [[word.encode()] for word in said]
            intervals += [(start + k * step, start + (k + 1) * step) for k in range(len(said))]
        words[video] = (spoken, intervals)
    sentiment.write_csd(root / "CMU_MOSEI_TimestampedWords.csd", "words", words)
    return write_folds(root)


def make(root: Path) -> Path:
    """The MMSA form."""
    sentiment.write_label_csv(root / "label.csv", CLIPS)
    sentiment.write_nested_media(root / "Raw", CLIPS)
    return root
