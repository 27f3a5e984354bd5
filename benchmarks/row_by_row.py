"""EmotionTalk's label csv as loaders are usually written: one Python dict per clip.

The baseline of ``corpora.py``. It makes the same columns and values as the corpus' own builder.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets

from affecthub.datasets_scripts.emotiontalk.builder import ACTORS
from affecthub.datasets_scripts.protocols.rules import connected_groups
from affecthub.labels import to_basic7

# Label column -> its csv, and the column of paths in it.
FILES = {
    "emotion": ("mm.csv", "file_name"),
    "emotion_audio": ("audio.csv", "file_name"),
    "emotion_video": ("video.csv", "file_name"),
    "emotion_text": ("transcription.csv", "name"),
}
SPLIT_OF = {"G00001": "validation", "G00012": "validation", "G00003": "test", "G00015": "test"}
WORDS = "over|interrupted|laughing|sobbing|crying|screaming"
MARKUP = re.compile(
    rf"\[+/?(?:{WORDS})/?\]*|/?(?:{WORDS})/?\]+|\[+[a-z/ ]+\]+|[\[\]]", re.IGNORECASE
)
SPACE = re.compile(r"[\s\u3000]+")


class RowByRow(datasets.GeneratorBasedBuilder):
    """The four csv read by ``csv.DictReader``, joined by clip id in dicts, yielded clip by clip."""

    def __init__(self, *args: Any, row_features: datasets.Features, **kwargs: Any) -> None:
        self.row_features = row_features
        super().__init__(*args, **kwargs)

    def _info(self) -> datasets.DatasetInfo:
        return datasets.DatasetInfo(features=self.row_features)

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        clips = read_clips(Path(self.config.data_dir))
        return [
            datasets.SplitGenerator(
                name=split,
                gen_kwargs={"clips": [c for c in clips if c["split_official"] == split]},
            )
            for split in ("train", "validation", "test")
        ]

    def _generate_examples(self, clips: list[dict[str, Any]]) -> Iterator[tuple[int, dict]]:
        for i, clip in enumerate(clips):
            yield i, {name: clip.get(name) for name in self.row_features}


def read_clips(root: Path) -> list[dict[str, Any]]:
    """A dict per clip, in released order."""
    component = connected_groups(ACTORS.values())
    clips: dict[str, dict[str, Any]] = {}
    for column, (name, key) in FILES.items():
        with open(root / name, encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                clip_id = row[key].rpartition("/")[2].partition(".")[0]
                clip = clips.setdefault(clip_id, {"id": clip_id})
                clip[column] = row["emotion"]
                if column == "emotion_text":
                    clip["text_raw"] = row["chinese"]
                    clip["text"] = SPACE.sub(" ", MARKUP.sub("", row["chinese"])).strip()
    dialogues: dict[str, list[str]] = {}
    for clip_id, clip in clips.items():
        group, session, speaker, _ = clip_id.split("_")
        clip["corpus"], clip["language"] = "emotiontalk", "zh"
        clip["speaker_id"], clip["actor_group"] = speaker, group
        clip["dialogue_id"] = f"{group}_{session}"
        clip["group_id"] = component[ACTORS[group][0]]
        clip["split_official"] = SPLIT_OF.get(group, "train")
        clip["emotion_basic7"] = to_basic7(clip["emotion"])
        clip["media_issue"] = "no audio in the folder; no video in the folder"
        dialogues.setdefault(clip["dialogue_id"], []).append(clip_id)
    for members in dialogues.values():
        for turn, clip_id in enumerate(sorted(members, key=lambda name: name[-3:])):
            clips[clip_id]["turn_index"] = turn
    return list(clips.values())
