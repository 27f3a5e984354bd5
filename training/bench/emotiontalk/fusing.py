"""Cells that are trained: one algorithm on the features of one, or three, encoders."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch

from affecthub.cache import content_key
from affecthub.training.bench.emotiontalk.encoders import Source
from affecthub.training.bench.emotiontalk.kept import FOLDER, Kept
from affecthub.training.bench.emotiontalk.scoring import summary
from affecthub.training.bench.emotiontalk.targets import CORPUS, Clips, Target
from affecthub.training.bench.emotiontalk.text_baselines import usual_width
from affecthub.training.features.store import FeatureCache
from affecthub.training.fusion.blocks import Vectors
from affecthub.training.fusion.loading import Align, load_table
from affecthub.training.fusion.searching import (
    DRAWS,
    QUICK_DRAWS,
    QUICK_RUNS,
    RUNS,
    Searched,
    search,
)
from affecthub.training.fusion.settings import Settings
from affecthub.training.fusion.table import FeatureTable, usable
from affecthub.training.text_features import svd_features, texts_of

# What stands in for an encoder of text where there are no features at all.
TFIDF = "TF-IDF by SVD (ours)"
# MERBench averages so many steps to one before it aligns.
COMPRESS = 6
QUICK_EPOCHS = 20


@dataclass(frozen=True)
class Plan:
    """How cells are trained.

    Args:
        draws: Configurations that are drawn from the published space.
        seeds: Of the runs of the best draw.
        epochs: Rounds over the training clips; None takes the published 100.
        fidelity: ``fixed`` or ``official``.
        side_by_side: Train draws together where that can be done.
    """

    draws: int = DRAWS
    seeds: tuple[int, ...] = tuple(range(RUNS))
    epochs: int | None = None
    fidelity: str = "fixed"
    side_by_side: bool = True

    @classmethod
    def of(
        cls,
        *,
        draws: int | None = None,
        runs: int | None = None,
        seeds: tuple[int, ...] = (),
        epochs: int | None = None,
        fidelity: str = "fixed",
        quick: bool = False,
    ) -> "Plan":
        """A plan of what was asked for; ``quick`` is 10 draws, 3 runs and 20 epochs.

        Raises:
            ValueError: `runs` and `seeds` differ in number, or there are none.
        """
        if seeds and runs is not None and runs != len(seeds):
            raise ValueError(
                f"`runs` and `seeds` differ: got {runs} runs and {len(seeds)} seeds, expected one "
                "seed for each run, or one of the two options."
            )
        n_runs = runs if runs is not None else QUICK_RUNS if quick else RUNS
        return cls(
            draws=draws if draws is not None else QUICK_DRAWS if quick else DRAWS,
            seeds=tuple(dict.fromkeys(seeds)) or tuple(range(n_runs)),
            epochs=epochs if epochs is not None else QUICK_EPOCHS if quick else None,
            fidelity=fidelity,
        )

    @property
    def settings(self) -> Settings:
        """Of every run, as the space of the draws does not say it."""
        chosen = Settings.official() if self.fidelity == "official" else Settings()
        return chosen if self.epochs is None else chosen.with_(epochs=self.epochs)


@dataclass
class Fusing:
    """Trains cells on EmotionTalk's clips.

    Args:
        clips: Under a protocol.
        plan: How.
        kept: Where cells lie that were made before.
        device: Where tensors go.
        tell: Is told how far it is.
    """

    clips: Clips
    plan: Plan
    kept: Kept
    device: torch.device | str = "cpu"
    tell: Callable[[str], None] | None = None
    _last: tuple[Any, FeatureTable] | None = None
    _blocks: tuple[Any, FeatureTable] | None = None

    def cell(
        self,
        algorithm: str,
        target: Target,
        given: Mapping[str, Source | None],
        *,
        level: str = "utterance",
        thrice: bool = False,
    ) -> dict[str, Any]:
        """Search, train and score.

        Args:
            algorithm: One of the ten.
            target: What is learned.
            given: Modality to its cache; None of ``text`` is TF-IDF of the transcripts.
            level: What the algorithm is fed.
            thrice: Feed the one modality in the place of all three, as published for Table 3.

        Returns:
            As `summary` gives, with ``algorithm``, ``level``, ``inputs`` (modality to encoder),
            ``draw`` (what was chosen on the validation split) and ``notes`` of the features.
        """
        plan = self.plan
        inputs = {name: TFIDF if s is None else s.title for name, s in given.items()}
        made_from = {
            "algorithm": algorithm,
            "level": level,
            "thrice": thrice,
            "labels": target.digest,
            "protocol": self.clips.protocol,
            "inputs": {
                name: self._text_digest if s is None else s.fingerprint for name, s in given.items()
            },
            "draws": plan.draws,
            "seeds": list(plan.seeds),
            "epochs": plan.settings.epochs,
            "fidelity": plan.fidelity,
        }

        def make() -> dict[str, Any]:
            table = self._table(target, given, level)
            table = table.tripled(next(iter(given))) if thrice else table
            if self.tell is not None:
                self.tell(f"{algorithm} on {' + '.join(inputs.values())}, {target.name}")
            found = self._searched(algorithm, table, made_from)
            test = table.splits["test"]
            answers = [_as_answers(run["answers"], table) for run in found.runs]
            scores = summary(answers, self._on_cpu(table), test, self.clips.recordings)
            told = {"draw": found.best.plain(), "notes": list(table.notes)}
            return {**scores, "algorithm": algorithm, "level": level, "inputs": inputs, **told}

        return self.kept.get(f"{algorithm}-{target.name}", made_from, make)

    def _searched(
        self, algorithm: str, table: FeatureTable, made_from: Mapping[str, Any]
    ) -> Searched:
        folder = None
        if self.kept.folder is not None:
            # The journal of a search that was stopped; features and labels tell it from others.
            shared = {k: v for k, v in made_from.items() if k not in ("draws", "seeds")}
            key = content_key(json.dumps(shared, sort_keys=True))[:12]
            folder = self.kept.folder.parent / f"{FOLDER}-searches" / f"{algorithm}-{key}"
        return search(
            algorithm,
            table,
            draws=self.plan.draws,
            seeds=self.plan.seeds,
            settings=self.plan.settings,
            fidelity=self.plan.fidelity,
            side_by_side=self.plan.side_by_side,
            folder=folder,
            tell=self._sometimes,
        )

    def _sometimes(self, line: str) -> None:
        """Pass on every fifth part of what a search tells, as ``draw 10 of 50``."""
        done, _, total = line.rpartition(" of ")
        number = done.rpartition(" ")[2]
        if self.tell is None or not (number.isdecimal() and total.isdecimal()):
            return
        if int(number) % max(1, int(total) // 5) == 0:
            self.tell(f"  {line}")

    def _table(
        self, target: Target, given: Mapping[str, Source | None], level: str
    ) -> FeatureTable:
        """Features and labels; those of the last call are not read again."""
        key = (target.name, level, *((m, s and s.name) for m, s in given.items()))
        if self._last is None or self._last[0] != key:
            self._last = (key, self._read(target, given, level).to(self.device))
        return self._last[1]

    def _read(self, target: Target, given: Mapping[str, Source | None], level: str) -> FeatureTable:
        caches = {s.name: s.cache for s in given.values() if s is not None}
        if not caches:
            facts: dict[str, Any] = {
                "label": target.name,
                "features": TFIDF,
                "protocol": self.clips.protocol,
            }
            return FeatureTable(
                CORPUS,
                tuple(self.clips.rows["id"]),
                {"text": self._tfidf},
                target.labels,
                target.splits,
                facts=facts,
            )
        key = (level, *sorted(caches))
        if self._blocks is None or self._blocks[0] != key:
            self._blocks = (key, self._load(caches, level))
        table = replace(self._blocks[1], labels=target.labels)
        if len(caches) < len(given):
            # Every clip has words, so that every clip with a label is used.
            table = replace(table, blocks={**table.blocks, "text": self._tfidf})
        facts = {**table.facts, "label": target.source, "classes": target.classes}
        return replace(table, splits=usable(table, self.clips.splits), facts=facts)

    def _load(self, caches: Mapping[str, FeatureCache], level: str) -> FeatureTable:
        """Features of caches with the multimodal label, whichever is learned then."""
        is_frame = level == "frame"
        align: Align = "official" if self.plan.fidelity == "official" else "text"
        table = load_table(
            CORPUS,
            self.clips.data_dir,
            caches,
            protocol=self.clips.protocol,
            level="frame" if is_frame else "utterance",
            compress=COMPRESS if is_frame else 1,
            align=align if is_frame and len(caches) > 1 else "none",
        )
        if list(table.ids) != self.clips.rows["id"]:
            raise ValueError(
                f"{self.clips.data_dir} has changed while it was read: got other clips, expected "
                "those of before. Run the same command again."
            )
        return table

    def _on_cpu(self, table: FeatureTable) -> Any:
        return table.to("cpu").labels

    @cached_property
    def _tfidf(self) -> Vectors:
        texts = texts_of(self.clips.rows)
        train = [texts[i] for i in self.clips.splits["train"].tolist()]
        values = torch.from_numpy(svd_features(texts, train, width=usual_width(train)))
        return Vectors(values, torch.ones(len(texts), dtype=torch.bool))

    @cached_property
    def _text_digest(self) -> str:
        return content_key("\n".join(texts_of(self.clips.rows)))[:16]


def _as_answers(said: list[Any], table: FeatureTable) -> torch.Tensor:
    """Class numbers as logits; scores as they are."""
    n_classes = len(table.labels.names)
    if not n_classes:
        return torch.tensor(said)
    return torch.nn.functional.one_hot(torch.tensor(said), n_classes).float()
