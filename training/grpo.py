"""GRPO of AffectGPT from a recipe: answers to clips, rewarded by the field's own scores.

One process, or many through accelerate, with the same arguments:

    affecthub train affectgpt_r1 --set model=FOLDER --set corpus=NAME --data-dir D --output-dir O
    accelerate launch -m affecthub.training.grpo affectgpt_r1 --data-dir D --output-dir O ...
"""

from affecthub.training.rl.recipe import GRPORecipe, load_grpo_recipe
from affecthub.training.rl.run import GRPOResult, run_grpo

__all__ = ["GRPORecipe", "GRPOResult", "load_grpo_recipe", "run_grpo"]


def main() -> None:
    """Run as a program: what ``accelerate launch -m affecthub.training.grpo`` starts."""
    import argparse

    from affecthub.settings import parse_overrides

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("recipe", help="installed name or YAML file")
    parser.add_argument("--data-dir", required=True, help="the corpus' folder")
    parser.add_argument(
        "--output-dir",
        required=True,
        help="where the model goes; checkpoints go beside it, to OUTPUT_DIR-checkpoints",
    )
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="replace a field, for example model=FOLDER or trainer.max_steps=3",
    )
    given = parser.parse_args()
    run_grpo(
        load_grpo_recipe(given.recipe, **parse_overrides(given.set)),
        data_dir=given.data_dir,
        output_dir=given.output_dir,
        resume=given.resume,
    )


if __name__ == "__main__":
    main()
