"""What a captioner says of clips, its scores, and those of the best caption that is always said."""

import json
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from affecthub.metrics.speaking_style_caption.options import PRESETS
from affecthub.metrics.speaking_style_caption.scores import speaking_style_caption
from affecthub.training.captioning.clips import CaptionClips, language
from affecthub.training.captioning.examples import CaptionExamples, collate
from affecthub.training.captioning.model import captioner_of
from affecthub.training.captioning.recipe import CaptionRecipe
from affecthub.training.progress import bar

# What is compared to find the best caption to say of every clip, and of how many it is chosen.
CHOSEN_BY = "rouge_l"
N_CANDIDATES = 50


def write_captions(
    model: Any,
    processor: Any,
    clips: CaptionClips,
    recipe: CaptionRecipe,
    *,
    output_file: str | Path | None = None,
    progress: bool = True,
) -> list[str]:
    """Caption clips.

    Args:
        model: A captioner, with or without adapters.
        processor: Its processor.
        clips: What to caption.
        recipe: Says what is given, and how captions are searched for.
        output_file: Gets a line of JSON for each clip: `id`, `caption`, `references`.
        progress: Show a progress bar.

    Returns:
        A caption for each clip, aligned.
    """
    examples = CaptionExamples(clips, captioner_of(model), processor, recipe, with_captions=False)
    model.eval()
    said: list[str] = []
    starts = range(0, len(examples), recipe.predict_batch_size)
    for start in bar(starts, "captions", shown=progress):
        end = min(start + recipe.predict_batch_size, len(examples))
        batch = collate(processor, [examples[i] for i in range(start, end)])
        device = captioner_of(model).device
        with torch.inference_mode():
            tokens = model.generate(
                **{name: each.to(device) for name, each in batch.items()},
                max_new_tokens=recipe.max_new_tokens,
                num_beams=recipe.num_beams,
            )
        said += processor.captions(tokens)
    if output_file is not None:
        lines = (
            json.dumps({"id": name, "caption": text, "references": refs}, ensure_ascii=False)
            for name, text, refs in zip(clips.rows["id"], said, clips.captions(), strict=True)
        )
        Path(output_file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return said


def score_captions(
    said: Sequence[str], references: Sequence[Sequence[str]], recipe: CaptionRecipe
) -> dict[str, Any]:
    """The scores of captions by the recipe's preset.

    Args:
        said: One caption per clip.
        references: One or more captions per clip, aligned.
        recipe: Says preset, language and options.

    Returns:
        ``scores``, a number by name; ``unavailable``, reasons by name; ``n`` clips; ``made``, how.
    """
    preset = PRESETS[recipe.preset]
    given = {"lang": language(recipe), **recipe.scoring}
    report: dict[str, Any] = {}
    unavailable: dict[str, str] = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "CIDEr-D says little here")
        # Those beside the preset's are by its own tools, so that all are of one make.
        more: dict[str, Any] = {"metrics": recipe.metrics, "meteor": preset.meteor}
        more |= {"tokenizer": preset.tokenizers[str(given["lang"])], "beta": preset.beta}
        for options in ({"preset": recipe.preset}, *([more] if recipe.metrics else [])):
            found = speaking_style_caption(said, references, **{**options, **given})
            unavailable |= found["unavailable"]
            report = found | report
    wanted = (*preset.metrics, *recipe.metrics)
    return {
        "scores": {name: float(report[name]) for name in dict.fromkeys(wanted) if name in report},
        "unavailable": unavailable,
        "n": report["n_clips"],
        "made": {name: report[name] for name in ("lang", "preset", "tokenizer", "beta")},
    }


def best_constant(
    training: Sequence[Sequence[str]], references: Sequence[Sequence[str]], recipe: CaptionRecipe
) -> tuple[str, dict[str, Any]]:
    """The caption of the training clips that scores best where it is said of every clip.

    Args:
        training: The training clips' captions, of which the most frequent are tried.
        references: The captions of the clips that it is said of. It is chosen on them: a bar to
            pass, and no system.
        recipe: See ``score_captions``.

    Returns:
        The caption and its scores.
    """
    counts = Counter(text for captions in training for text in captions)
    preset = PRESETS[recipe.preset]
    lang = language(recipe)
    n = len(references)

    def rouge(text: str) -> float:
        found = speaking_style_caption(
            [text] * n,
            references,
            lang=lang,
            metrics=(CHOSEN_BY,),
            tokenizer=preset.tokenizers[lang],
            beta=preset.beta,
        )
        return float(found[CHOSEN_BY])

    best = max((text for text, _ in counts.most_common(N_CANDIDATES)), key=rouge)
    return best, score_captions([best] * n, references, recipe)
