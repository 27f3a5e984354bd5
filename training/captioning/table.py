"""EmotionTalk's Table 5 with ours beside it: four kinds of captions by three decoders."""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from affecthub.errors import unknown_name
from affecthub.settings import read_yaml
from affecthub.training.captioning.kinds import COLUMNS

SCORES = ("bleu_4", "rouge_l", "meteor", "spider", "fense", "bertscore", "clapscore")
# Row of the paper -> the recipe that it is run by.
RECIPES = {
    "Transformer-based": "emotiontalk_captions_transformer",
    "GPT-2": "emotiontalk_captions_gpt2",
    "Qwen-2": "emotiontalk_captions_qwen2",
}
_ZERO_SHOT = (
    "a model of sound and text that is asked without training, by affecthub ask; its journal is a "
    "row of its own"
)


def paper_table_5() -> list[dict[str, Any]]:
    """What the paper prints: `target`, `decoder` and the seven scores, fractions.

    Example:
        >>> rows = paper_table_5()
        >>> len(rows), rows[0]["decoder"], rows[0]["rouge_l"]
        (14, 'Transformer-based', 0.397)
    """
    file = files("affecthub.training") / "captioning" / "table_5.yaml"
    rows = read_yaml(file.read_text(encoding="utf-8"))
    return [dict(zip(("target", "decoder", *SCORES), row, strict=True)) for row in rows]


def table_5(
    output_dir: str | Path,
    *,
    data_dir: str | Path | None = None,
    targets: Sequence[str] = tuple(COLUMNS),
    decoders: Sequence[str] = (),
    protocol: str = "official",
    seeds: Sequence[int] = (0,),
    overrides: Mapping[str, Any] | None = None,
    progress: bool = True,
) -> list[dict[str, Any]]:
    """The rows of Table 5: the paper's scores, ours, and the best constant caption's.

    Args:
        output_dir: Where runs lie, ``TARGET/RECIPE`` each; those that are finished are read.
        data_dir: The corpus' folder; what `decoders` names is then run where it is not finished.
            None runs nothing.
        targets: Kinds of captions, of ``speaker``, ``style``, ``emotion`` and ``overall``.
        decoders: Rows of the paper to run, of ``RECIPES``; none runs nothing.
        protocol: Split of the corpus; the paper's is ``official``.
        seeds: One run each.
        overrides: Fields of the recipes to replace, for all of them alike.
        progress: Show progress bars.

    Returns:
        For every row of the paper whose target is asked for: `target`, `decoder`, `paper` (scores
        by name), `ours` and `constant` (each score with `mean` and `sd`; empty where nothing was
        run), `n` clips and `seeds` (0 likewise), `unavailable` (scores that could not be computed,
        and why) and `not_run`: None, or why there is nothing.

    Raises:
        ValueError: A target or a decoder is not known; and as ``run_captioner``.
    """
    for target in targets:
        if target not in COLUMNS:
            raise unknown_name("target of Table 5", target, COLUMNS)
    for decoder in decoders:
        if decoder not in RECIPES:
            raise unknown_name("decoder of Table 5", decoder, RECIPES)
    rows = []
    for printed in paper_table_5():
        target, decoder = printed["target"], printed["decoder"]
        if target not in targets:
            continue
        found: list[dict[str, Any]] = []
        if decoder in RECIPES:
            folder = Path(output_dir) / target / RECIPES[decoder]
            if data_dir is not None and decoder in decoders:
                found = _run(
                    decoder, target, folder, data_dir, protocol, seeds, overrides, progress
                )
            else:
                found = _read(folder, protocol)
        by_name = {row["name"]: row for row in found if row["protocol"] == protocol}
        ours, constant = by_name.get("captioner", {}), by_name.get("best constant", {})
        rows.append(
            {
                "target": target,
                "decoder": decoder,
                "paper": {name: printed[name] for name in SCORES},
                "ours": ours.get("scores", {}),
                "constant": constant.get("scores", {}),
                "n": ours.get("n", 0),
                "seeds": ours.get("seeds", 0),
                "unavailable": ours.get("unavailable", {}),
                "not_run": None if ours else _why_not(decoder, target),
            }
        )
    return rows


def _run(
    decoder: str,
    target: str,
    folder: Path,
    data_dir: str | Path,
    protocol: str,
    seeds: Sequence[int],
    overrides: Mapping[str, Any] | None,
    progress: bool,
) -> list[dict[str, Any]]:
    """Run a recipe on a kind of captions, or read what is finished."""
    from affecthub.training.captioning.experiment import run_captioner
    from affecthub.training.captioning.recipe import load_caption_recipe

    recipe = load_caption_recipe(RECIPES[decoder], **{**(overrides or {}), "caption": target})
    return run_captioner(
        recipe,
        data_dir=data_dir,
        output_dir=folder,
        seeds=seeds,
        protocols=[protocol],
        resume=True,
        progress=progress,
    )


def _read(folder: Path, protocol: str) -> list[dict[str, Any]]:
    """The scores of runs that are there."""
    file = folder / "scores.json"
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8")) if file.is_file() else []
    return [row for row in found if row["protocol"] == protocol]


def _why_not(decoder: str, target: str) -> str:
    """Why a row has no scores of ours, and how to make them."""
    if decoder not in RECIPES:
        return _ZERO_SHOT
    return (
        "not run: it needs EmotionTalk's sound and JSON, and weights of the Hub. affecthub train "
        f"{RECIPES[decoder]} --set caption={target} --data-dir D"
    )
