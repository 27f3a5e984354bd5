"""MELD's transcripts as a classification task of MTEB, over an export on this disk.

MTEB has MELD's films; its words, where most systems begin, are not among its tasks.
"""

from os import PathLike
from typing import Any

from affecthub.errors import require
from affecthub.hub_cards.lmms_eval.exports import Export

NAME = "MELDTextClassification"
_CITATION = """
@inproceedings{poria2019meld,
  title = {{MELD}: A Multimodal Multi-Party Dataset for Emotion Recognition in Conversations},
  author = {Poria, Soujanya and Hazarika, Devamanyu and Majumder, Navonil and Naik, Gautam and
            Cambria, Erik and Mihalcea, Rada},
  booktitle = {Proceedings of ACL},
  year = {2019}
}
"""


def meld_text(export: str | PathLike[str]) -> Any:
    """The task, for ``mteb.evaluate``.

    MTEB fits a logistic regression on eight embedded training clips of each emotion, ten times
    over, and gives the mean accuracy on the test split. That is a comparison of encoders and no
    figure to set beside systems that are trained on MELD.

    Args:
        export: Folder that ``affecthub data export meld`` wrote; ``--no-embed-media`` is enough.

    Returns:
        An ``mteb`` task; its rows are ``text`` and ``label``, a number of MELD's seven emotions.

    Raises:
        ImportError: mteb is not installed.
        FileNotFoundError: There is no export in the folder.
        ValueError: It is another corpus', or lacks the training or the test split.
    """
    require("mteb", "mteb", "make a task of MTEB")
    from mteb.abstasks import AbsTaskClassification
    from mteb.abstasks.task_metadata import TaskMetadata

    splits = _read(Export.read(export, "meld"))

    class MELDTextClassification(AbsTaskClassification):  # type: ignore[misc]
        """MELD's transcripts."""

        metadata = TaskMetadata(
            name=NAME,
            description="The emotion of an utterance of a dialogue, by its transcript alone.",
            reference="https://aclanthology.org/P19-1050/",
            dataset={"path": "affecthub/meld", "revision": "local"},
            type="Classification",
            category="t2c",
            modalities=["text"],
            eval_splits=["test"],
            eval_langs=["eng-Latn"],
            main_score="accuracy",
            date=("1994-09-22", "2004-05-06"),
            domains=["Spoken", "Entertainment"],
            task_subtypes=["Emotion classification"],
            license="gpl-3.0",
            annotations_creators="human-annotated",
            dialect=[],
            sample_creation="found",
            bibtex_citation=_CITATION,
        )

        def load_data(self, *arguments: Any, **options: Any) -> None:
            """Take the rows of the export."""
            self.dataset = splits
            self.data_loaded = True

    return MELDTextClassification()


def _read(export: Export) -> Any:
    """Text and label of both splits; a clip without words or label is no example."""
    import datasets

    found = {}
    for split in ("train", "test"):
        files = [str(path) for path in export.files("official", split)]
        if not files:
            raise ValueError(
                f"{export.folder} has no {split} clips: got {export.offers()}, expected train and "
                "test of the protocol official."
            )
        rows = datasets.concatenate_datasets([datasets.Dataset.from_parquet(f) for f in files])
        rows = rows.select_columns(["text", "emotion"]).rename_column("emotion", "label")
        found[split] = rows.filter(lambda row: bool(row["text"]) and row["label"] is not None)
    return datasets.DatasetDict(found)
