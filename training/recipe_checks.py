"""What must go together in a recipe, checked before any data is read."""

from typing import TYPE_CHECKING

from affecthub.errors import unknown_name
from affecthub.training.recipe_parts import check_weight

if TYPE_CHECKING:
    from affecthub.training.recipe import Recipe

DTYPES = ("auto", "float32", "bfloat16", "float16")


def check_model(recipe: "Recipe") -> None:
    """Check where the weights come from.

    Raises:
        ValueError: From nowhere or from several places, or with a dtype or adapters that do not go
            with it.
    """
    given = {name: getattr(recipe, name) for name in ("model", "towers", "scratch")}
    if sum(value is not None for value in given.values()) != 1:
        told = ", ".join(f"{name}={value!r}" for name, value in given.items())
        raise ValueError(
            f"the model's source is not clear: got {told}, expected exactly one. Name a saved "
            "AffectGPT in `model` or three pretrained models in `towers`, or describe a small one "
            "in `scratch`."
        )
    if recipe.scratch is not None and (recipe.lora is not None or recipe.freeze_towers):
        raise ValueError(
            f"a model from scratch has nothing to keep: got lora={recipe.lora!r} and "
            f"freeze_towers={recipe.freeze_towers}, expected null and false."
        )
    if recipe.dtype not in DTYPES:
        raise unknown_name("`dtype`", recipe.dtype, DTYPES)
    if recipe.scratch is not None and recipe.dtype != "auto":
        raise ValueError(
            f"a model from scratch has no weights to load: got dtype={recipe.dtype!r}, expected "
            "'auto'. It is made in float32."
        )


def check_draws(recipe: "Recipe") -> None:
    """Check what decides how often, in which order and in which batches clips are drawn.

    Raises:
        ValueError: Weights are none or stand at some corpora alone, a budget of tokens is none, or
            two orders are asked for.
    """
    check_weight(recipe.weight, f"of {recipe.corpus}")
    budget = recipe.max_packed_tokens
    if budget is not None and not (recipe.packing and budget > 0):
        raise ValueError(
            f"`max_packed_tokens` is {budget} with packing={recipe.packing}: expected a positive "
            "number, and packing: true."
        )
    names = [recipe.corpus, *(each.corpus for each in recipe.more_corpora)]
    weights = [recipe.weight, *(each.weight for each in recipe.more_corpora)]
    if len({weight is None for weight in weights}) > 1:
        lacking = [name for name, weight in zip(names, weights, strict=True) if weight is None]
        raise ValueError(
            f"some corpora have a `weight` and some have none: got none for {', '.join(lacking)}, "
            f"expected one for each of {', '.join(names)}, or for none."
        )
    cached = [recipe.features, *(each.features for each in recipe.more_corpora)]
    if len({folder is None for folder in cached}) > 1:
        lacking = [name for name, folder in zip(names, cached, strict=True) if folder is None]
        raise ValueError(
            f"some corpora have `features` and some have none: got none for {', '.join(lacking)}, "
            "expected them for each, or for none: a batch holds media or features."
        )
    strategy = recipe.trainer.get("train_sampling_strategy", "random")
    ordering = ("weight", "balance", "weight_by", "max_packed_tokens")
    drawn = [name for name in ordering if getattr(recipe, name) is not None]
    if strategy != "random" and (drawn or recipe.more_corpora):
        raise ValueError(
            f"two orders are asked for: got trainer.train_sampling_strategy={strategy!r} with "
            f"{' and '.join(drawn) or 'more_corpora'}, expected one of them. Leave the strategy at "
            "'random'."
        )
