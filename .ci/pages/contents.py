"""Which page is taken from where, in the order of the navigation.

A page is ``(title, path)`` with one source: a file of the repository, some of its sections, or a
function of ``written`` that writes it. A source that is not there stops the build.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pages import command_line, notebooks, paper_index, reference, written
from pages.repository import ROOT


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        path: Its path among the pages.
        title: Its name in the navigation.
        file: The file of the repository that it is taken from.
        sections: Headings of the file that are taken; empty takes all of it.
        write: Writes the page, links relative to ``file`` or, without one, to the repository.
    """

    path: str
    title: str
    file: str = ""
    sections: tuple[str, ...] = ()
    write: Callable[[Path], str] | None = None


def _folders(room: str, marker: str) -> list[str]:
    return sorted(
        each.name
        for each in (ROOT / room).iterdir()
        if (each / marker.format(each.name)).is_file() and (each / "README.md").is_file()
    )


def contents() -> dict[str, list[Page]]:
    """The pages of each part of the navigation; the first of a part is where it begins."""
    readme, add = "README.md", "CONTRIBUTING.md"
    corpora = [
        Page(f"corpora/{n}.md", n, f"datasets_scripts/{n}/README.md", write=written.corpus)
        for n in _folders("datasets_scripts", "entry.py")
    ]
    metrics = [
        Page(f"metrics/{n}.md", n, f"metrics/{n}/README.md") for n in _folders("metrics", "{}.py")
    ]
    training = "training"
    rooms = {
        "Recipes": "recipes",
        "Mixtures and packing": "mixtures",
        "Feature cache": "features",
        "Scores while training": "evaluation",
        "Asking clips": "prediction",
        "Launchers": "launchers",
        "Reinforcement learning": "rl",
        "Real pretrained encoders": "pretrained",
        "Fusions": "fusion",
        "Conversations": "conversations",
        "Captions": "captioning",
        "Chat models fine-tuned": "omni",
        "Made with models and people": "annotating",
        "Labelled by people": "platform",
    }
    parts = {
        "Start": [
            Page("index.md", "affecthub", "docs/index.md"),
            Page(
                "getting_started.md",
                "Getting started",
                readme,
                written.FIRST_STEPS,
                written.getting_started,
            ),
            Page("numbers.md", "What the numbers are", readme, ("What the numbers are",)),
            Page("changes.md", "Changes", "CHANGELOG.md"),
        ],
        "Notebooks": [
            Page("notebooks/index.md", "Examples", "examples/README.md"),
            *(
                Page(
                    f"notebooks/{each.stem}.md",
                    notebooks.title(each),
                    f"examples/{each.name}",
                    write=notebooks.page,
                )
                for each in notebooks.scripts()
            ),
        ],
        "Corpora": [Page("corpora/index.md", "All corpora", "", write=written.corpora), *corpora],
        "Metrics": [
            Page("metrics/index.md", "All metrics", "", write=written.metrics),
            *metrics,
            Page("metrics/lexicon.md", "Our lexicon", "metrics/lexicon/resources/README.md"),
        ],
        "Models": [
            Page("affectgpt/index.md", "AffectGPT", "modeling/affectgpt/README.md"),
            Page("affectgpt/weights.md", "AffectGPT's weights", "modeling/affectgpt/WEIGHTS.md"),
            Page("models/fusion.md", "Fusions of features", "modeling/fusion/README.md"),
            Page("models/erc.md", "Conversation models", "modeling/erc/README.md"),
            Page("models/captioner.md", "Captioners", "modeling/captioner/README.md"),
        ],
        "Training": [
            Page("training/index.md", "Every field", f"{training}/README.md"),
            *(
                Page(f"training/{folder}.md", title, f"{training}/{folder}/README.md")
                for title, folder in rooms.items()
            ),
            Page("training/asking.md", "Asking any model", f"{training}/asking/README.md"),
            Page("training/prompts.md", "Prompts", f"{training}/asking/prompts/README.md"),
            Page("training/endpoints.md", "Models on a server", f"{training}/asking/ENDPOINTS.md"),
            Page(
                "training/journals.md", "Scores of journals", f"{training}/asking/scoring/README.md"
            ),
            Page("training/scaling.md", "What many GPUs cost", f"{training}/SCALING.md"),
        ],
        "Papers": [
            Page("reproducing.md", "Reproducing the papers", "docs/reproducing.md"),
            Page("reproduced.md", "Reproduced, and not", readme, ("Reproduced, and not",)),
            Page("bench.md", "MER-UniBench", f"{training}/bench/README.md"),
            Page("emotiontalk.md", "EmotionTalk", f"{training}/bench/emotiontalk/README.md"),
            Page("lmms_eval.md", "In lmms-eval", "hub_cards/lmms_eval/README.md"),
            Page("mteb.md", "In MTEB", "hub_cards/mteb/README.md"),
            Page("paper_index.md", "Every equation and table", "", write=paper_index.page),
        ],
        "Publishing": [
            Page("publishing/index.md", "Publishing", "hub_cards/README.md"),
            Page("publishing/datasets.md", "Corpora", "hub_cards/datasets/README.md"),
            Page("publishing/models.md", "Models", "hub_cards/models/README.md"),
            Page("publishing/metrics.md", "Metrics", "hub_cards/metrics/README.md"),
            Page("publishing/spaces.md", "Spaces", "hub_cards/spaces/README.md"),
            Page(
                "publishing/leaderboard.md", "Leaderboard", "hub_cards/spaces/leaderboard/README.md"
            ),
        ],
        "Adding": [
            Page("contributing.md", "Contributing", add, ("Set up", "The house", "How code reads")),
            Page("adding/corpus.md", "A corpus", add, ("Add a corpus",)),
            Page("adding/outside.md", "A corpus outside", "examples/custom_corpus/README.md"),
            Page("adding/metric.md", "A metric", add, ("Add a metric",)),
            Page("adding/score.md", "A metric outside", "examples/custom_metric/README.md"),
            Page("adding/model.md", "A model", add, ("Add a model",)),
            Page("adding/recipe.md", "A recipe", add, ("Add a recipe",)),
        ],
        "Reference": [
            Page("reference/index.md", "affecthub", "", write=reference.front),
            *(
                Page(f"reference/{name}.md", name.replace("_", " "), "", write=write)
                for name, write in reference.rooms().items()
            ),
            Page("reference/command_line.md", "command line", "", write=command_line.page),
        ],
    }
    measured = sorted((ROOT / "benchmarks" / "results").glob("*.md"))
    parts["Measured"] = [
        Page(f"measured/{each.stem}.md", each.stem.replace("_", " "), str(each.relative_to(ROOT)))
        for each in measured
    ]
    return parts
