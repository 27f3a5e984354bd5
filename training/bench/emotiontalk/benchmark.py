"""The EmotionTalk paper's tables on files at hand: what ``affecthub bench emotiontalk`` does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from affecthub.training.bench.emotiontalk.asked import asked_rows, table_of
from affecthub.training.bench.emotiontalk.constants import all_reached, constants
from affecthub.training.bench.emotiontalk.encoders import Sources, asked_encoders, find_sources
from affecthub.training.bench.emotiontalk.fusing import Fusing, Plan
from affecthub.training.bench.emotiontalk.kept import Kept
from affecthub.training.bench.emotiontalk.notes import notes_on
from affecthub.training.bench.emotiontalk.paper import PAPER, paper_table
from affecthub.training.bench.emotiontalk.targets import SPLITS, Clips, read_clips
from affecthub.training.bench.emotiontalk.text_baselines import text_baselines
from affecthub.training.bench.emotiontalk.trained import Row, table_3, table_4, table_12

TABLES = (3, 4, 12)
CONVERSATIONS = (13, 14)
CAPTIONS = 5
# Encoders whose vectors conversations are given, where nobody says which.
IN_DIALOGUES = {"audio": "Hubert-Large", "text": "RoBERTa-Large"}
_PACKAGES = ("affecthub", "torch", "transformers", "datasets", "scikit-learn")


def run_benchmark(
    data_dir: str | Path,
    output_dir: str | Path,
    *,
    features: str | Path | None = None,
    tables: Sequence[int] | None = None,
    protocol: str = "official",
    plan: Plan | None = None,
    encoders: Sequence[str] = (),
    journals: Sequence[Mapping[str, Any]] = (),
    quick: bool = False,
    progress: bool = False,
    tell: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Run tables of the paper, with the baselines that need nothing but labels and words.

    Every run is kept in `output_dir` as soon as it is done; the same call goes on from there.

    Args:
        data_dir: EmotionTalk's folder; its label files are enough.
        output_dir: Where runs are kept.
        features: Folder of feature caches; None for text alone.
        tables: Of 3, 4, 5, 12, 13 and 14; None takes those of `journals`, without any 3, 4 and 12.
        protocol: ``official`` or ``speaker_independent``.
        plan: How models are trained; None trains as published.
        encoders: Those that Tables 4, 12, 13 and 14 are given, one of each modality at most; none
            takes the paper's, else the first of each modality.
        journals: Of models that were asked: ``name`` and what
            `affecthub.training.asking.scoring.scored.score_journal` gives, of the test split; they
            get rows of Tables 4 and 5.
        quick: Of Tables 5, 13 and 14: one seed, few epochs.
        progress: Show progress.
        tell: Is told how far it is.

    Returns:
        ``benchmark``, ``paper``, ``protocol``, ``plan``, ``corpus`` (clips, ``shared_speakers``,
        ``recordings``), ``constants`` (target to what one answer scores), ``official_constants``
        (the same of the official test split), ``text``
        (rows of `text_baselines`), ``tables`` (number to ``title``, ``metrics``, ``columns``,
        ``rows``), ``journals`` as given, ``reached`` (figures of the paper that a constant
        reaches), ``not_run``, ``notes`` and ``versions``. Figures of ``paper`` are as printed,
        ours in [0, 1].

    Raises:
        FileNotFoundError: A folder is not there.
        ValueError: An unknown table, protocol or encoder; no labels; no features of EmotionTalk; a
            journal is of none of `tables`.
    """
    of_journals = {table_of(each): str(each["journal"]) for each in journals}
    tables = list(dict.fromkeys(tables or sorted(of_journals) or TABLES))
    for number in tables:
        paper_table(number)
    _require_tables_of(of_journals, tables)
    plan = plan or Plan()
    sources = find_sources(features)
    asked = asked_encoders(sources, list(encoders))
    clips = read_clips(data_dir, protocol)
    official = clips if protocol == "official" else read_clips(data_dir, "official")
    floors = constants(official)
    kept = Kept(output_dir)
    result: dict[str, Any] = {
        "benchmark": "EmotionTalk",
        "paper": PAPER,
        "protocol": protocol,
        "plan": asdict(plan),
        "corpus": about_clips(clips),
        "features": [
            {"name": s.name, "encoder": s.title, "modality": s.modality, "level": s.level}
            for s in sources.found
        ],
        "constants": constants(clips),
        "official_constants": floors,
        "text": text_baselines(clips, kept, tell),
    }
    rows = _trained(clips, sources, floors, tables, asked, plan, kept, tell)
    options: dict[str, Any] = {
        "features": None if features is None else Path(features),
        "seeds": plan.seeds,
        "quick": quick,
        "progress": progress,
    }
    rows |= _elsewhere(clips, tables, sources, floors, asked, Path(output_dir), options)
    for number, asked_ones in asked_rows(journals).items():
        rows[number] += asked_ones
    result["tables"] = {str(number): _table(number, rows[number]) for number in tables}
    result["journals"] = list(journals)
    result["reached"] = all_reached(floors)
    result["not_run"] = not_run(result["tables"])
    result["notes"] = [*notes_on(result), *sources.notes]
    result["versions"] = {name: version(name) for name in _PACKAGES}
    return result


def _require_tables_of(journals: Mapping[int, str], tables: Sequence[int]) -> None:
    """Refuse a journal whose table is not run."""
    for number, journal in journals.items():
        if number not in tables:
            raise ValueError(
                f"{journal} belongs to Table {number}: got Tables "
                f"{', '.join(map(str, tables))}, expected it among them."
            )


def about_clips(clips: Clips) -> dict[str, Any]:
    """How many clips there are, and who speaks in them."""
    recordings = {split: clips.recordings[clips.splits[split].numpy()] for split in SPLITS}
    return {
        "clips": {split: len(clips.splits[split]) for split in SPLITS},
        "recordings": {
            split: {
                str(name): int((recordings[split] == name).sum())
                for name in sorted({*recordings[split]}, key=lambda name: int(name[1:]))
            }
            for split in SPLITS[1:]
        },
        "shared_speakers": list(clips.shared_speakers),
    }


def _trained(
    clips: Clips,
    sources: Sources,
    floors: Mapping[str, Any],
    tables: Sequence[int],
    asked: Mapping[str, str],
    plan: Plan,
    kept: Kept,
    tell: Callable[[str], None] | None,
) -> dict[int, list[Row]]:
    """Tables 3, 4 and 12."""
    if not {*tables} & {3, 4, 12}:
        return {}
    from affecthub.training.model import device

    fusing = Fusing(clips, plan, kept, device(), tell)
    rows = {}
    if 3 in tables:
        rows[3] = table_3(fusing, sources, floors)
    if 4 in tables:
        rows[4] = table_4(fusing, sources, floors, asked)
    if 12 in tables:
        rows[12] = table_12(fusing, sources, floors, asked)
    return rows


def _elsewhere(
    clips: Clips,
    tables: Sequence[int],
    sources: Sources,
    floors: Mapping[str, Any],
    asked: Mapping[str, str],
    output_dir: Path,
    options: Mapping[str, Any],
) -> dict[int, list[Row]]:
    """Tables 5, 13 and 14."""
    from affecthub.training.bench.emotiontalk.elsewhere import caption_rows, conversation_rows

    rows: dict[int, list[Row]] = {}
    wanted = [number for number in CONVERSATIONS if number in tables]
    if wanted:
        chosen = in_dialogues(sources, asked)
        features = options["features"] if chosen else None
        rows |= conversation_rows(
            wanted,
            floors,
            data_dir=clips.data_dir,
            protocol=clips.protocol,
            output_dir=output_dir / "conversations",
            encoders=chosen,
            **{**options, "features": features},
        )
    if CAPTIONS in tables:
        how = {name: value for name, value in options.items() if name != "features"}
        rows[CAPTIONS] = caption_rows(
            floors, clips=clips, output_dir=output_dir / "captions", **how
        )
    return rows


def in_dialogues(sources: Sources, asked: Mapping[str, str]) -> dict[str, list[str]]:
    """Modality to the cache that conversations are given."""
    chosen: dict[str, list[str]] = {}
    for modality, usual in IN_DIALOGUES.items():
        titles = [asked.get(modality, usual), *sources.titles(modality)]
        found = (sources.get(modality, title) for title in titles)
        source = next((s for s in found if s is not None and s.level == "utterance"), None)
        if source is not None:
            chosen[modality] = [source.name]
    return chosen


def _table(number: int, rows: list[Row]) -> dict[str, Any]:
    said = paper_table(number)
    return {
        "title": said.title,
        "metrics": list(said.metrics),
        "columns": list(said.columns),
        "rows": rows,
    }


def not_run(tables: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows without a figure of ours, by reason.

    Args:
        tables: Number to its rows.

    Returns:
        ``table``, ``group`` of the rows, ``rows`` (their names) and ``reason``.
    """
    found: dict[tuple[str, str, str], list[str]] = {}
    for number, table in tables.items():
        for row in table["rows"]:
            reasons = {row["reason"]} if "reason" in row else set()
            reasons |= {cell["reason"] for cell in row["cells"].values() if "reason" in cell}
            for reason in reasons:
                found.setdefault((number, row["group"], reason), []).append(row["name"])
    return [
        {"table": int(number), "group": group, "rows": names, "reason": reason}
        for (number, group, reason), names in found.items()
    ]
