"""The plan of a chat model's run: what it needs, and what it costs by its sizes and by others."""

import os
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from affecthub.entries import entries
from affecthub.screen import Screen, Section
from affecthub.training.arguments import settings
from affecthub.training.asking.prompts.registry import load_prompt
from affecthub.training.mixtures.folders import Folders
from affecthub.training.omni.families import ChatFamily, chat_family
from affecthub.training.omni.model import lora_config, require_taken
from affecthub.training.omni.published import PUBLISHED, Memory, Published
from affecthub.training.omni.recipe import OmniRecipe
from affecthub.training.omni.run import require_shuffled, require_unsplit, require_words
from affecthub.training.omni.sizes import TextSizes, adapter_parameters
from affecthub.training.planning.bases import HUB, Base, locate
from affecthub.training.planning.checks import Check, Checked, check_data, check_disk
from affecthub.training.planning.costs import run_length

# Tokens of a second of sound by model_type's beginning. Source: measured with their processors.
_SOUND = {"qwen3_omni": 13.0}
_SOUND_ELSE = 25.0
# Pixels of a token of two frames: a patch of 14 or 16 pixels, two by two.
_SIDE = {"qwen3_omni": 32}
_SIDE_ELSE = 28
# Seconds of a clip where the corpus does not say.
_ASSUMED_S = 4.0
# Weights, gradients and the two means of AdamW of what is trained, in float32.
_TRAINED_BYTES = 4 + 4 + 8
# Weights and the two means, of the last checkpoint and the best one.
_KEPT_BYTES = 2 * (4 + 8)


@dataclass(repr=False)
class OmniPlan(Screen):
    """What a run needs and costs.

    Args:
        checks: Everything that was looked at.
        facts: What was counted: name, figure, how it is known.
        memory: What others published of the memory of this model; none where nobody did.
        adapters: Parameters that are trained; None where the model's sizes are not known.
        steps: Of the optimiser; None where the clips cannot be counted.
    """

    checks: list[Check] = field(default_factory=list)
    facts: list[tuple[str, str, str]] = field(default_factory=list)
    memory: tuple[Memory, ...] = ()
    adapters: int | None = None
    steps: int | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing stands against the run."""
        return all(check.ok for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "ok": self.ok,
            "checks": [asdict(check) for check in self.checks],
            "adapters": self.adapters,
            "steps": self.steps,
            "facts": [list(fact) for fact in self.facts],
            "memory": [figure._asdict() for figure in self.memory],
        }

    def sections(self) -> list[Section]:
        """The checks, what was counted, and what others published."""
        rows = [[check.what, "ok" if check.ok else "PROBLEM", check.told] for check in self.checks]
        told = [[each.what, each.in_words(), each.source] for each in self.memory]
        if not told:
            told = [["", "?", "no figure of this model is known here"]]
        return [
            Section("What the run needs", ["", "", "found"], rows),
            Section(
                "What it will cost", ["", "", "how that is known"], list(map(list, self.facts))
            ),
            Section("Memory, as published; not measured here", ["", "", "by"], told),
        ]


def plan_omni(recipe: OmniRecipe, *, data_dir: Folders | None, output_dir: str | Path) -> OmniPlan:
    """Check what a run needs and count what it costs; nothing is downloaded.

    Args:
        recipe: The run.
        data_dir: As for `run.train_omni`; None where no corpus is at hand, which is a problem.
        output_dir: Where the run would go.

    Returns:
        The plan; what stands against the run is in its checks, and raises nothing.
    """
    output_dir = Path(output_dir)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they say stands in the checks
        found = check_data(recipe.asking(), data_dir, output_dir)
        found.checks = [check for check in found.checks if check.what != "questions"]
        found.look("prompt", lambda: _prompt(recipe))
        plan = OmniPlan(found.checks)
        base: Base | None = None
        try:
            base = locate("model", recipe.model)
        except (ValueError, OSError) as error:
            found.checks.append(Check("model", False, str(error)))
        if base is not None:
            _count(plan, recipe, base, found, output_dir)
    return plan


def _prompt(recipe: OmniRecipe) -> str:
    prompt = load_prompt(recipe.prompt)
    require_words(prompt, recipe)
    require_shuffled(recipe)
    return f"{prompt.key}, answers of the form {prompt.form!r}"


def _model(
    recipe: OmniRecipe, base: Base, known: Published | None
) -> tuple[ChatFamily | None, TextSizes | None, str]:
    """The family and sizes of a model, from its files or from what is published."""
    from affecthub.training.launch import asked

    require_unsplit(asked(recipe.trainer).kind)
    if base.path is not None:
        from transformers import AutoConfig

        config = AutoConfig.from_pretrained(base.path)
        family, sizes = chat_family(config.model_type), TextSizes.of(config)
    elif known is not None:
        family, sizes = chat_family(known.model_type), known.sizes
    else:
        return None, None, f"{base.told()}; its sizes are not known here"
    require_taken(recipe, family)
    lora_config(recipe.lora, family)
    size = "" if known is None else f", about {known.download_bytes / 1e9:.0f} GB"
    told = base.told() if base.where != HUB else f"{base.name}: to be downloaded{size}"
    return family, sizes, told + (f". Licence: {known.licence}" if known else "")


def _count(
    plan: OmniPlan, recipe: OmniRecipe, base: Base, found: Checked, output_dir: Path
) -> None:
    """Put what is known of model, clips and adapters into the plan."""
    known = PUBLISHED.get(base.name)
    try:
        family, sizes, told = _model(recipe, base, known)
    except (ValueError, OSError, ImportError) as error:
        plan.checks.append(Check("model", False, str(error)))
        return
    plan.checks.append(Check("model", True, told))
    plan.memory = () if known is None else known.memory
    if family is not None and sizes is not None:
        _adapters(plan, recipe, sizes, family, known, base)
        needed = (_KEPT_BYTES + 4) * (plan.adapters or 0)
        downloads = known.download_bytes if known is not None and base.where == HUB else 0.0
        plan.checks += check_disk(output_dir, needed, downloads)
        _clips(plan, recipe, found, family)


def _adapters(
    plan: OmniPlan,
    recipe: OmniRecipe,
    sizes: TextSizes,
    family: ChatFamily,
    known: Published | None,
    base: Base,
) -> None:
    n = plan.adapters = adapter_parameters(sizes, recipe.lora)
    source = "the model's config.json" if base.path is not None else "its sizes as published"
    reach = "attention and feed-forward layers"
    if sizes.experts:
        reach = f"attention and {sizes.experts} experts" if recipe.lora.experts else "attention"
    plan.facts += [
        (
            "parameters trained",
            f"{n:,}",
            f"rank {recipe.lora.r} on the {reach} of {sizes.layers} layers; COUNTED from {source}",
        ),
        (
            "memory: training",
            _gigabytes(_TRAINED_BYTES * n),
            "adapters, gradients and AdamW in float32; beside the weights as they are loaded",
        ),
        (
            "disk: checkpoints",
            _gigabytes(_KEPT_BYTES * n),
            "adapters and optimiser, the last and the best",
        ),
    ]
    if known is not None:
        plan.facts.insert(
            1,
            (
                "memory: weights",
                f"at most {_gigabytes(known.download_bytes)}",
                f"{known.source}; what speaks is not loaded",
            ),
        )


def _clips(plan: OmniPlan, recipe: OmniRecipe, found: Checked, family: ChatFamily) -> None:
    seconds, how, n_clips = _ASSUMED_S, "ASSUMED", 0
    if found.parts:
        rows = found.parts[0].rows
        n_clips = len(rows)
        lengths = [s for s in rows["duration_s"] if s] if "duration_s" in rows.column_names else []
        if lengths:
            seconds, how = sum(lengths) / len(lengths), "the mean of the training clips"
    elif recipe.corpus in entries():
        n_clips = entries()[recipe.corpus].n_rows or 0
        how += ", and as many clips as the corpus has on paper"
    kind = family.model_types[0]
    heard = seen = 0.0
    if "audio" in recipe.modalities:
        heard = seconds * next((v for k, v in _SOUND.items() if kind.startswith(k)), _SOUND_ELSE)
    if "video" in recipe.modalities:
        side = next((v for k, v in _SIDE.items() if kind.startswith(k)), _SIDE_ELSE)
        pairs = -(-recipe.frames.n_frames // 2)
        seen = pairs * recipe.frames.max_pixels / side**2
    plan.facts.append(
        (
            "tokens of media a clip",
            f"{heard + seen:,.0f}",
            f"sound {heard:,.0f}, frames {seen:,.0f} at most; a clip of {seconds:.1f} s, {how}",
        )
    )
    if n_clips:
        processes = int(os.environ.get("WORLD_SIZE", "1"))
        steps, draws = run_length(settings(recipe.asking()), n_clips, processes)
        plan.steps = steps
        plan.facts.append(("steps", f"{steps:,}", f"{draws:,} clips drawn"))


def _gigabytes(value: float) -> str:
    return f"{value / 1e9:,.2f} GB"
