"""GRPO on the demo corpus, from nothing: corpus, half-trained model, three seeds, curve.

python -m affecthub.training.rl.demo --output-dir runs/rl
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from affecthub.datasets_scripts import make_demo
from affecthub.training.rl.experiment import run_seeds
from affecthub.training.rl.recipe import load_grpo_recipe

# Of the 16 after which the demo model has learnt what it can.
EPOCHS = 4


def run_rl_demo(
    output_dir: str | Path, *, seeds: Sequence[int] = (0, 1, 2), progress: bool = True
) -> list[dict[str, Any]]:
    """Half-train the demo model and reinforce it; what is there already is kept.

    Args:
        output_dir: Gets ``corpus``, ``half`` (the model) and ``grpo`` (see `run_seeds`).
        seeds: One run of ``demo_grpo`` each, all from the same model.
        progress: Show progress bars.

    Returns:
        See `run_seeds`.
    """
    from affecthub.training.recipe import load_recipe
    from affecthub.training.sft import train

    output_dir = Path(output_dir)
    corpus = make_demo(output_dir / "corpus")
    half = output_dir / "half"
    if not (half / "training.json").is_file():
        some = {"num_train_epochs": EPOCHS, "eval_strategy": "no", "save_strategy": "no"}
        recipe = load_recipe("demo", trainer=some)
        train(recipe, data_dir=corpus, output_dir=half, progress=progress)
    return run_seeds(
        load_grpo_recipe("demo_grpo", model=str(half)),
        data_dir=corpus,
        output_dir=output_dir / "grpo",
        seeds=seeds,
        resume=True,
        progress=progress,
    )


def main() -> None:
    """Run as a program and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output-dir", required=True)
    parser.add_argument("--seed", type=int, action="append")
    given = parser.parse_args()
    for row in run_rl_demo(given.output_dir, seeds=given.seed or (0, 1, 2)):
        shown = {key: value["mean"] for key, value in row.items() if isinstance(value, dict)}
        print(row["name"], {key: round(value, 3) for key, value in shown.items()})


if __name__ == "__main__":
    main()
