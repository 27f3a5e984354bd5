"""Task files for lmms-eval's ``--include_path``, over exports that lie on this disk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

import yaml

from affecthub.hub_cards.lmms_eval.answers import (
    EMOS_SCORES,
    GOEMOTIONS_SCORES,
    UNIBENCH_SCORES,
)
from affecthub.hub_cards.lmms_eval.exports import Export
from affecthub.hub_cards.lmms_eval.questions import wanted_kinds
from affecthub.unibench import SETS

PACKAGE = "affecthub.hub_cards.lmms_eval"
# What every task file includes.
SHARED = "ask.yaml"
GROUP = "mer_unibench"
VERSION = 1

# Names of scores that another function than that of their name gives, and those better when low.
_FUNCTIONS = {"score": "unibench_score"}
_SENTIMENT = {"accuracy": "sentiment_accuracy"}
_LOWER = frozenset({"unanswered", "invalid_rate", "ece", "jsd"})


@dataclass(frozen=True)
class Tasks:
    """What was written.

    Attributes:
        folder: For ``--include_path``.
        names: Tasks and groups that ``--tasks`` knows then.
        missing: Sets of MER-UniBench that the export has no clips of.
    """

    folder: Path
    names: tuple[str, ...]
    missing: tuple[str, ...] = ()


def write_tasks(
    out: str | PathLike[str],
    *,
    mer_unibench: str | PathLike[str] | None = None,
    emos: Sequence[str | PathLike[str]] = (),
    protocol: str = "speaker_independent",
    split: str = "test",
    media: str = "av",
) -> Tasks:
    """Write a folder of tasks for lmms-eval.

    MER-UniBench becomes a task for each set, ``mer_unibench_meld`` and so on, and a group
    ``mer_unibench`` with their unweighted mean; with fewer than nine sets the group is called
    ``mer_unibench_partial``, for its mean is another figure. An export of EmoS becomes
    ``emos_basic7`` (a static configuration) or ``emos_goemotions`` (that configuration).

    Args:
        out: Folder to write; must be empty or absent.
        mer_unibench: Folder that ``affecthub data export mer_unibench`` wrote.
        emos: Folders that ``affecthub data export emos`` wrote.
        protocol: Of EmoS; one that the exports offer.
        split: Of that protocol.
        media: What is handed over beside the transcript: letters of a (sound) and v (film); "t"
            for neither.

    Raises:
        ValueError: Nothing is given, `out` holds files, `media` is unknown, a folder is no export
            or that of another corpus, or EmoS lacks the protocol or the split.
        FileNotFoundError: An export's folder, card or data file is not there.
    """
    wanted_kinds({"media": media})
    folder = Path(out)
    if mer_unibench is None and not emos:
        raise ValueError("no export to ask about: got neither MER-UniBench nor EmoS, expected one.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"`out` holds files: got {folder}, expected an empty folder or none.")
    written: dict[str, str] = {}
    missing: list[str] = []
    if mer_unibench is not None:
        missing = _unibench(written, Export.read(mer_unibench, "mer_unibench"), media)
    for each in emos:
        name, text = _emos(Export.read(each, "emos"), protocol, split, media)
        if name in written:
            raise ValueError(f"two exports for {name}: the second is {each}. Give one of them.")
        written[name] = text
    folder.mkdir(parents=True, exist_ok=True)
    shared = files(PACKAGE) / SHARED
    (folder / SHARED).write_text(shared.read_text(encoding="utf-8"), encoding="utf-8")
    for name, text in written.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Tasks(folder, tuple(written), tuple(missing))


def _unibench(written: dict[str, str], export: Export, media: str) -> list[str]:
    """Add a task for each set that is there, and the group; the sets that are not."""
    missing = []
    for test_set in SETS:
        data = export.files("official", test_set.name)
        if not data:
            missing.append(test_set.name)
            continue
        primary = test_set.primary
        functions = _FUNCTIONS | (_SENTIMENT if primary == "sentiment" else {})
        written[f"{GROUP}_{test_set.name}"] = _task(
            f"{GROUP}_{test_set.name}",
            data,
            "unibench_description",
            "unibench_answer",
            {score: functions.get(score, score) for score in UNIBENCH_SCORES[primary]},
            media,
        )
    if not written:
        raise ValueError(
            f"{export.folder} holds none of the nine sets: expected splits "
            f"{', '.join(test_set.name for test_set in SETS)}."
        )
    group = f"{GROUP}_partial" if missing else GROUP
    written[group] = readable(
        {
            "group": group,
            "task": list(written),
            "aggregate_metric_list": [
                {"metric": "score", "aggregation": "mean", "weight_by_size": False}
            ],
            "metadata": {"version": VERSION},
        }
    )
    return missing


def _emos(export: Export, protocol: str, split: str, media: str) -> tuple[str, str]:
    data = export.files(protocol, split)
    if not data:
        raise ValueError(
            f"{export.folder} has no {split} clips under {protocol}: expected a protocol and a "
            f"split of {export.offers()}."
        )
    fine = "probs" in export.columns(data[0])
    name = "emos_goemotions" if fine else "emos_basic7"
    scores = GOEMOTIONS_SCORES if fine else EMOS_SCORES
    answer = "goemotions_answer" if fine else "emos_answer"
    text = _task(name, data, "emos_basic7", answer, {score: score for score in scores}, media)
    return name, text


def _task(
    name: str,
    data: Iterable[Path],
    prompt: str,
    answer: str,
    scores: dict[str, str],
    media: str,
) -> str:
    asked = packaged_prompt(prompt)
    told = {key: asked[key] for key in ("question", "system", "labels")}
    head = {
        "include": SHARED,
        "task": name,
        "dataset_kwargs": {"data_files": {"test": [str(path) for path in data]}},
        "lmms_eval_specific_kwargs": {"default": {**told, "media": media}},
        "metadata": {"version": VERSION, "prompt": asked["key"]},
    }
    lines = [
        readable(head).rstrip(),
        f"process_results: !function {PACKAGE}.answers.{answer}",
        "metric_list:",
    ]
    for score, function in scores.items():
        lines += [
            f"- metric: {score}",
            f"  aggregation: !function {PACKAGE}.scores.{function}",
            f"  higher_is_better: {'false' if score in _LOWER else 'true'}",
        ]
    return "\n".join(lines) + "\n"


def packaged_prompt(name: str) -> dict[str, Any]:
    """A prompt as it lies beside the tasks: ``question``, ``system``, ``labels`` and ``key``."""
    text = (files(PACKAGE) / "prompts" / f"{name}.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def readable(values: dict[str, Any]) -> str:
    """YAML in which a text of several lines stands as it reads."""
    text: str = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return text


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


_Dumper.add_representer(str, _text)
