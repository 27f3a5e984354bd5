"""The whole road on the synthetic corpus: make, verify, train, predict, score, report."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from affecthub.datasets_scripts import verify
from affecthub.datasets_scripts.demo.cues import MODALITIES
from affecthub.datasets_scripts.demo.generate import generate_demo
from affecthub.training.experiment import Run, run_recipe, save_scores
from affecthub.training.progress import only_our_bars
from affecthub.training.recipe import load_recipe
from affecthub.training.report import write_report

ALL = "audio + video + text"
NOTE = (
    "The demo corpus is synthetic: twelve invented speakers with drawn faces and generated voices. "
    "These scores show that the whole road works; they say nothing about people."
)


@dataclass
class DemoResult:
    """What the demo leaves.

    Args:
        table: See `score_table`.
        model_dir: The saved model with all modalities.
        report: The HTML report.
        runs: Every run, all modalities first.
    """

    table: list[dict[str, Any]]
    model_dir: Path
    report: Path
    runs: list[Run]


def run_demo(
    output_dir: str | Path = "demo",
    *,
    seeds: Sequence[int] = (0,),
    progress: bool = True,
    say: Callable[[str], None] = print,
) -> DemoResult:
    """Run the demo; the corpus is made once and reused.

    Args:
        output_dir: Folder for the corpus, the models and the report.
        seeds: One model per seed and set of modalities. The first seed's model is the one kept in
            `model`.
        progress: Show progress bars.
        say: Called with a sentence before each step.

    Raises:
        ValueError: The corpus that was made does not verify.
    """
    output_dir = Path(output_dir)
    corpus_dir = output_dir / "corpus"
    say("Making the demo corpus: 12 speakers, 480 clips")
    generate_demo(corpus_dir)

    say("Verifying it")
    found = verify("demo", corpus_dir)
    wrong = [check.name for check in found.checks if not check.ok] + found.problems
    if wrong:
        raise ValueError(f"the demo corpus does not verify: {'; '.join(wrong)}.")

    say(f"Training and testing: {ALL}; the baselines run beside it")
    runs = _run_all(output_dir, corpus_dir, seeds, progress)

    say("Writing the report")
    table = save_scores(runs, output_dir)
    report = write_report(
        output_dir / "report.html",
        runs,
        title="AffectGPT on the demo corpus",
        lead="A small AffectGPT, trained from random weights on eight invented speakers and tested "
        "on three others, beside the same model with one modality alone and the majority answer.",
        notes=[NOTE],
        base=load_recipe("demo"),
    )
    return DemoResult(table, output_dir / "model", report, runs)


def _run_all(output_dir: Path, corpus_dir: Path, seeds: Sequence[int], progress: bool) -> list[Run]:
    """Run all modalities here and the single ones in a second process, on half the cores each.

    Models of this size gain nothing from a second thread; two processes halve the time.
    """
    recipe = load_recipe("demo")

    def job(modalities: tuple[str, ...], seed: int) -> dict[str, Any]:
        is_kept = modalities == MODALITIES and seed == seeds[0]
        folder = "model" if is_kept else f"runs/{'-'.join(modalities)}-seed-{seed}"
        return {
            "recipe": replace(recipe, modalities=modalities, seed=seed),
            "data_dir": corpus_dir,
            "output_dir": output_dir / folder,
            "overwrite": True,  # the demo's own folder, and the same run
            "name": ALL if modalities == MODALITIES else f"{modalities[0]} alone",
        }

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_share_the_machine) as second:
        singles = [job((name,), seed) for name in MODALITIES for seed in seeds]
        pending = [second.submit(run_recipe, **single, progress=False) for single in singles]
        _share_the_machine()
        try:
            runs = [run_recipe(**job(MODALITIES, seed), progress=progress) for seed in seeds]
        except BaseException:
            second.shutdown(wait=False, cancel_futures=True)  # a mistake is told at once
            raise
        # What the second process has not begun by now is done here, from the end.
        ours = {
            i: run_recipe(**singles[i], progress=progress)
            for i in reversed(range(len(singles)))
            if pending[i].cancel()
        }
        return runs + [
            ours[i] if i in ours else future.result() for i, future in enumerate(pending)
        ]


def _share_the_machine() -> None:
    """Leave the other process half of the cores, and the terminal to one progress bar."""
    import torch

    only_our_bars()
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // 2))
