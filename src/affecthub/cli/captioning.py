"""What ``affecthub train`` does with a recipe of captions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from affecthub.cli.printing import console, print_json, print_table, shown_mean
from affecthub.entries import entry_of
from affecthub.errors import require_extras


def caption(
    recipe: str,
    *,
    data_dir: Path | None,
    output_dir: Path,
    seeds: Sequence[int],
    protocols: Sequence[str],
    overrides: dict[str, Any],
    resume: bool,
    as_json: bool,
) -> None:
    """Train captioners over seeds, score the test split beside the best constant, print both."""
    require_extras("train", purpose="train captioners")
    from affecthub.training.captioning.recipe import SECAP, load_caption_recipe

    if "features" in overrides:
        raise ValueError(
            "`--features` is not of captioners: got it with a recipe of captions, expected sound. "
            "Set keep_in_memory=true to run a frozen encoder once."
        )
    chosen = load_caption_recipe(recipe, **overrides)
    how_to_get = "It lies in the folder `dataset` of github.com/thuhcsi/SECap."
    if chosen.corpus != SECAP:
        entry = entry_of(chosen.corpus)
        how_to_get = entry.how_to_get
        for protocol in protocols or [chosen.protocol]:
            entry.choose(chosen.config or None, protocol)
    if data_dir is None and chosen.corpus == "demo":
        from affecthub.datasets_scripts import make_demo

        data_dir = make_demo(output_dir / "corpus")
    if data_dir is None:
        raise ValueError(
            f"`--data-dir`: got none, expected a folder of {chosen.corpus}. {how_to_get}"
        )
    from affecthub.training.captioning.experiment import run_captioner
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    table = run_captioner(
        chosen,
        data_dir=data_dir,
        output_dir=output_dir,
        seeds=list(seeds) or [chosen.seed],
        protocols=list(protocols),
        resume=resume,
        progress=not as_json,
    )
    if as_json:
        print_json({"scores": table, "output_dir": str(output_dir)})
        return
    scores = list(dict.fromkeys(name for row in table for name in row["scores"]))
    rows = [
        [
            row["protocol"],
            row["name"],
            *(shown_mean(row["scores"].get(name), 3) for name in scores),
            row["n"],
        ]
        for row in table
    ]
    print_table(["protocol", "", *scores, "clips"], rows, title="captions, higher is better")
    for name, reason in (table[0]["unavailable"] if table else {}).items():
        console.print(f"{name}: not computed. {reason}", soft_wrap=True)
