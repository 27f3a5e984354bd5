"""MELD, small: the csv in the release's dialect, and its clips in every place people have them."""

import csv
from pathlib import Path

from corpus_trees.media import clip_video, put

FOLDERS = {
    "train": "train/train_splits",
    "dev": "dev_splits_complete",
    "test": "output_repeated_splits_test",
}
HEAD = (
    *("Sr No.", "Utterance", "Speaker", "Emotion", "Sentiment", "Dialogue_ID", "Utterance_ID"),
    *("Season", "Episode", "StartTime", "EndTime"),
)
# Dialogue numbers begin anew in each split; utterance numbers have gaps; two forms of the hour, and
# two-digit fractions. Leads and others of each side of the speaker-independent split.
ROWS: dict[str, tuple[tuple[str, str, str, str, int, int, str, str], ...]] = {
    "train": (
        ("Oh my God, he’s lost it.", "Phoebe", "sadness", "negative", 0, 0, "00:01:00", "00:01:01"),
        ("What?", "Monica", "surprise", "negative", 0, 1, "00:01:01,5", "00:01:02,25"),
        ("That’s right, “Or”!\nGo on.", "Ross", "neutral", "neutral", 0, 3, "0:01:03", "0:01:04"),
        ("Hey!", "Rachel", "joy", "positive", 1, 0, "00:02:00", "00:02:00,900"),
        ("Surprise!", "Ross and Rachel", "joy", "positive", 1, 1, "00:02:01", "00:02:02"),
        ("Your table, madam.", "The Waiter", "neutral", "neutral", 1, 2, "0:02:03", "0:02:04"),
    ),
    "dev": (
        ("No!", "Alan", "anger", "negative", 0, 0, "00:03:00", "00:03:01"),
        ("Yes, I know.", "Joey", "disgust", "negative", 0, 1, "00:03:01", "00:03:02"),
        ("Well, hello.", "Alan", "joy", "positive", 1, 0, "00:03:05", "00:03:06"),
    ),
    "test": (
        ("Coffee, anyone?", "Rachel", "neutral", "neutral", 0, 0, "0:04:00", "0:04:01"),
        ("I’m afraid so.", "Chandler", "fear", "negative", 0, 1, "0:04:01", "0:04:02"),
        ("Great.", "Rachel", "joy", "positive", 0, 2, "0:04:02", "0:04:03"),
        ("Go away.", "Joey/Drake", "anger", "negative", 1, 0, "0:04:05", "0:04:06"),
    ),
}
CLIPS = {split: [f"dia{row[4]}_utt{row[5]}" for row in rows] for split, rows in ROWS.items()}
IDS = [f"{split}_{clip}" for split, clips in CLIPS.items() for clip in clips]


def write_csv(root: Path, splits: tuple[str, ...] = ("train", "dev", "test")) -> Path:
    """The csv of some splits: eleven columns, curly quotes, a quoted line break."""
    root.mkdir(parents=True, exist_ok=True)
    for split in splits:
        with open(root / f"{split}_sent_emo.csv", "w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(HEAD)
            for i, (text, speaker, emotion, sentiment, *where, start, end) in enumerate(
                ROWS[split], start=1
            ):
                times = [time if "," in time else f"{time},000" for time in (start, end)]
                writer.writerow([i, text, speaker, emotion, sentiment, *where, 4, 7, *times])
    return root


def write_clips(root: Path, name: str) -> Path:
    """A clip per row under a name such as ``{folder}/{clip}.mp4`` or ``{split}_{clip}.mp4``."""
    i = 0
    for split, clips in CLIPS.items():
        for clip in clips:
            path = name.format(folder=FOLDERS[split], split=split, clip=clip)
            put(root / path, clip_video(i))
            i += 1
    return root


def raw(root: Path) -> Path:
    """MELD.Raw with its nested tars untarred: the csv of train lies with its clips."""
    folder = root / "MELD.Raw"
    write_csv(folder, ("dev", "test"))
    write_csv(folder / "train", ("train",))
    return write_clips(folder, "{folder}/{clip}.mp4").parent


def direct(root: Path) -> Path:
    """The folder of train's clips without the one around it."""
    write_csv(root)
    for split, folder in {**FOLDERS, "train": "train_splits"}.items():
        for i, clip in enumerate(CLIPS[split]):
            put(root / folder / f"{clip}.mp4", clip_video(i))
    return root


def renamed(root: Path) -> Path:
    """train/, dev/, test/ with the csv beside them."""
    return write_clips(write_csv(root), "{split}/{clip}.mp4")


def subvideo(root: Path) -> Path:
    """All clips in one folder, their split in the name, and dev called val."""
    write_clips(write_csv(root), "meld-process/subvideo/{split}_{clip}.mp4")
    for path in (root / "meld-process" / "subvideo").glob("dev_*"):
        path.rename(path.with_name("val_" + path.name.removeprefix("dev_")))
    return root


def packed(root: Path) -> Path:
    """MELD.Raw as it comes: the tars in it are still packed."""
    write_csv(root, ("dev", "test"))
    for split in ROWS:
        put(root / f"{split}.tar.gz", b"\x1f\x8b")
    return root


LAYOUTS = {"raw": raw, "direct": direct, "renamed": renamed, "subvideo": subvideo}


def make(root: Path) -> Path:
    """A small whole corpus."""
    return raw(root)
