"""``affecthub demo``: the whole road on a synthetic corpus."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from affecthub.cli.printing import AsJson, console, print_scores
from affecthub.errors import require_extras


def demo(
    output_dir: Annotated[Path, typer.Option(help="Where everything goes.")] = Path("demo"),
    seed: Annotated[list[int] | None, typer.Option(help="Repeat for several.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the whole road on a synthetic corpus: make, verify, train, predict, score, report."""
    require_extras("train", purpose="run the demo")
    from affecthub.training.demo import run_demo
    from affecthub.training.progress import only_our_bars

    only_our_bars()

    def say(step: str) -> None:
        Console(stderr=True, markup=False).print(step, style="bold")

    result = run_demo(output_dir, seeds=seed or [0], progress=not as_json, say=say)
    print_scores(result.table, as_json, report=str(result.report))
    if not as_json:
        console.print("Load the model with:")
        console.print(
            "  from affecthub.modeling.affectgpt import AffectGPTForConditionalGeneration\n"
            f'  model = AffectGPTForConditionalGeneration.from_pretrained("{result.model_dir}")',
            highlight=False,
            soft_wrap=True,
        )
