"""M3ED, small: annotation.json of four series, and the speech of each utterance."""

import json
from pathlib import Path
from typing import Any

from corpus_trees.media import clip_wav, put

PEOPLE = {
    "anjia": {"A": ("林大为", "mid", "male"), "B": ("朱闪闪", "young", "female")},
    "shaonianpai": {"A": ("钱三一", "young", "Male"), "B": ("邓小琪", "Young", "Female")},
    "humamaoba": {"A": ("胡妈", "old", "female"), "B": ("", "", "")},
    "woju": {"A": ("海萍", "mid", "female"), "B": ("苏淳", "mid", "male")},
}
# Who speaks, main emotion, all emotions, three raters' answers.
SAID = (
    ("A", "Neutral", "Neutral", ("Neutral", "Neutral", "Neutral")),
    ("A", "Happy", "Happy,Surprise", ("Happy", "Happy,Surprise", "Surprise,Happy")),
    ("B", "Anger", "Anger,Disgust", ("Anger,Disgust", "Anger", "Neutral")),
)
CLIPS = tuple(
    (series, dialogue, i, *said)
    for series in PEOPLE
    for dialogue in ((1, 2) if series == "anjia" else (1,))
    for i, said in enumerate(SAID, start=1)
)
IDS = tuple(f"{series}_{dialogue}_{i}" for series, dialogue, i, *_ in CLIPS)


def times(i: int) -> tuple[str, str]:
    """Start and end of the i-th utterance of a dialogue, counted in frames of 1/25 s."""
    return f"00:00:{2 * i - 2:02d}:01", f"00:00:{2 * i - 1:02d}:{i:02d}"


def annotation() -> dict[str, Any]:
    """The content of the file."""
    content: dict[str, Any] = {}
    for series, dialogue, i, who, main, every, votes in CLIPS:
        people = {
            letter: {"Name": name, "Age": age, "Gender": sex, "OtherName": []}
            for letter, (name, age, sex) in PEOPLE[series].items()
        }
        parts = content.setdefault(series, {}).setdefault(
            f"{series}_{dialogue}", {"SpeakerInfo": people, "Dialog": {}}
        )
        start, end = times(i)
        parts["Dialog"][f"{series}_{dialogue}_{i}"] = {
            "StartTime": start,
            "EndTime": end,
            "Text": f"{series}第{i}句，好。",
            "Speaker": who,
            "EmoAnnotation": {
                **{f"EmoAnnotator{k}": vote for k, vote in enumerate(votes, start=1)},
                "final_mul_emo": every,
                "final_main_emo": main,
            },
        }
    return content


def write_annotation(root: Path, content: dict[str, Any] | None = None) -> Path:
    """``annotation.json`` and the released lists of series."""
    text = json.dumps(annotation() if content is None else content, ensure_ascii=False, indent=1)
    put(root / "annotation.json", text.encode())
    put(root / "splitInfo" / "movie_list_train.txt", b"anjia\nshaonianpai")
    return root


def make(root: Path) -> Path:
    """A small whole corpus."""
    write_annotation(root)
    for i, (clip, said) in enumerate(zip(IDS, CLIPS, strict=True)):
        put(root / "modality_speech" / f"{said[3]}_{clip}.wav", clip_wav(i))
    return root
