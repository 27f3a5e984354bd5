"""EmoS from a clone of its release, with the user's MELD, CH-SIMS v2 and films where given."""

import re
from typing import Any

import pyarrow as pa

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.emos import annotators, features, paper, streaming
from affecthub.datasets_scripts.emos.chinese import read_chinese
from affecthub.datasets_scripts.emos.english import read_english
from affecthub.datasets_scripts.emos.films import read_films
from affecthub.datasets_scripts.emos.goemotions import read_goemotions
from affecthub.datasets_scripts.emos.release import Release
from affecthub.datasets_scripts.reading.layout import File, Layout, Tree
from affecthub.datasets_scripts.verifying.report import Check

STATIC_FILES = r"(^|/)(ch-simsv2s/meta\.csv|newdataset-MELD/.+\.xlsx)$"
STREAMING_FILES = r"(^|/)sentence_level_timestamps\.json$"
STREAMING_TABLES = {
    "streaming_clips": streaming.clips_table,
    "streaming_utterances": streaming.utterances_table,
    "streaming_segments": streaming.segments_table,
}
# MELD counts its dialogues anew in each split, and EmoS took its clips from the training split.
MELD_CLIP = re.compile(r"dia\d+_utt\d+$")
MELD_TRAIN = re.compile(r"(^|[/_])train([/_-]|$)", re.IGNORECASE)
MELD_OTHER = re.compile(r"(^|[/_])(dev|val|valid|validation|test)([/_-]|$)", re.IGNORECASE)
# Clip 00026_0 lies in the release's media as 000260.
SHORT_CLIP = re.compile(r"^(\d{5})(\d)$")


class EmosBuilder(CorpusBuilder):
    """EmoS rows; ``emotion`` is the aggregated Basic-7 label.

    Source: EmoS, section 3 and appendix F; the released files for everything they contradict.
    """

    CORPUS = "emos"
    SOUND_IN_VIDEO = True
    LAYOUTS = (
        Layout(
            "release",
            "datasets/data-final and datasets/streaming-finalsplit of the repository",
            lambda tree: bool(tree.find(STATIC_FILES) and tree.find(STREAMING_FILES)),
        ),
        Layout(
            "static",
            "datasets/data-final of the repository",
            lambda tree: bool(tree.find(STATIC_FILES)),
        ),
        Layout(
            "streaming",
            "datasets/streaming-finalsplit of the repository",
            lambda tree: bool(tree.find(STREAMING_FILES)),
        ),
    )

    def extra_features(self) -> dict[str, Any]:
        """The columns of this configuration."""
        return features.BY_CONFIG[self.config.name]

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Read what the configuration needs; each says by an error which file it lacks."""
        config, release = self.config.name, Release(tree)
        if config in STREAMING_TABLES:
            return STREAMING_TABLES[config](read_films(tree))
        if config == "static_zh":
            return read_chinese(release)
        english = read_english(release, self.roots.get("meld"), self.problems)
        if config == "static_en":
            return english
        clips = pa.concat_tables([read_chinese(release), english], promote_options="default")
        if config == "static":
            return clips
        if config == "annotations":
            return annotators.read_annotations(release, clips, self.problems)
        labels = read_goemotions(release, self.problems)
        kept = [name for name in clips.column_names if name in self.info.features]
        for name in labels.column_names:
            clips = clips.append_column(name, labels[name])
        return clips.select([*kept, *labels.column_names])

    def media_key(self, file: File, root: str) -> str | None:
        """The id of the clip whose film this is, or None for films of nobody's."""
        *folders, _ = file.path.split("/")
        if found := MELD_CLIP.search(file.stem):
            above = "/".join([self._root_name(root), *folders, file.stem])
            is_train = MELD_TRAIN.search(above) and not MELD_OTHER.search(file.path)
            return f"train/{found[0]}" if is_train else None
        folder = folders[-1] if folders else self._root_name(root)
        if file.stem == folder:
            return folder
        clip = SHORT_CLIP.sub(r"\1_\2", file.stem)
        return f"{folder}/{clip}"

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare the rows with the paper, and its rules with the labels they should give."""
        assert self.tree is not None
        return paper.checks(self.config.name, rows, self.tree)

    def facts(self, rows: pa.Table) -> dict[str, Any]:
        """Fleiss' kappa of the Basic-7 votes of each batch that has votes."""
        return {"agreement": paper.agreement(rows)}

    def _root_name(self, root: str) -> str:
        """The name of a folder of media: it may itself be that of a split, or of a film."""
        tree = self.roots[root] if root else self.tree
        return tree.root.name if tree else ""
