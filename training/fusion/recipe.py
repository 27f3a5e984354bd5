"""A recipe of a fusion, or of one modality alone: everything that decides a run, read from YAML."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict

from affecthub.errors import unknown_name
from affecthub.settings import merge
from affecthub.training.fusion.settings import Settings
from affecthub.training.fusion.spaces import SPACES, space_of
from affecthub.training.recipe_files import load_as
from affecthub.training.recipe_parts import Whole

FEEDS = ("each", "thrice")


@dataclass(kw_only=True)
class SearchRecipe:
    """The published search.

    Args:
        draws: Configurations drawn from the space.
        runs: Runs of the best one, with seeds 0, 1, ...
        draw_seed: Of the draws.
        space: Dimensions in the place of the published ones, name to values.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    draws: Whole = 50
    runs: Whole = 6
    draw_seed: Whole = 0
    space: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("draws", "runs"):
            if getattr(self, name) < 1:
                raise ValueError(f"`search.{name}` is {getattr(self, name)}: expected 1 or more.")


@dataclass(kw_only=True)
class FusionRecipe:
    """One fusion on features that lie in a folder.

    > Parameters that control the data

        kind: ``"fusion"``, which tells it from other recipes.
        corpus: Name from ``affecthub data list``.
        config: Config of the corpus; None takes the corpus' first.
        protocol: Split to train, validate and test on; None takes the corpus' first.
        features: Folder of feature caches, one for each modality; ``--features`` says it too.
        label: ``multimodal``, ``own``, ``audio``, ``text``, ``vision``, ``sentiment`` or a column.
        classes: ``seven``, ``four`` or a list of labels.
        modalities: Those to use; empty for all that there are features of.
        level: ``utterance`` or ``frame``; None takes what the features are.
        compress: Steps that are averaged to one.
        align: ``text`` or ``official`` lays sound and faces along the text; ``none``.
        missing: A clip without a modality: ``mask``, ``drop`` (modality dropout) or ``refuse``.
        normalize: ``train`` standardises features by the training clips; None leaves them.

    > Parameters that control the model

        algorithm: One of the ten, or ``unimodal``.
        hidden_dim: Width inside.
        dropout: Of the encoders.
        fidelity: ``fixed`` or ``official``.
        options: Of the algorithm.
        feed: ``thrice`` gives one modality in the place of all three, as released unimodal runs do.

    > Parameters that control the training

        seed: Of initial values, order and dropout.
        training: Fields of ``Settings``: epochs, batch_size, learning_rate, optimizer, ...
        search: The published search; None trains what stands above.
        preset: Which of `presets` goes over the file.
        presets: Names to the fields that they change: ``official``, ``paper``, ``quick``.

    Raises:
        ValueError: A value is outside its range, or two do not go together.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: Literal["fusion"] = "fusion"
    corpus: str
    config: str | None = None
    protocol: str | None = None
    features: str | None = None
    label: str = "multimodal"
    classes: str | int | tuple[str, ...] | None = None
    modalities: tuple[str, ...] = ()
    level: Literal["utterance", "frame"] | None = None
    compress: Whole = 1
    align: Literal["none", "text", "official"] = "none"
    missing: Literal["mask", "drop", "refuse"] = "mask"
    normalize: Literal["train"] | None = None

    algorithm: str
    hidden_dim: Whole = 128
    dropout: float = 0.3
    fidelity: Literal["fixed", "official"] = "fixed"
    options: dict[str, Any] = field(default_factory=dict)
    feed: Literal["each", "thrice"] = "each"

    seed: Whole = 0
    training: dict[str, Any] = field(default_factory=dict)
    search: SearchRecipe | None = None
    preset: str | None = None
    presets: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what can be checked before any data is read."""
        self.modalities = tuple(self.modalities)
        if isinstance(self.classes, list):
            self.classes = tuple(self.classes)
        if self.algorithm not in SPACES:
            raise unknown_name("`algorithm`", self.algorithm, SPACES)
        if self.preset is not None and self.preset not in self.presets:
            raise unknown_name("`preset`", self.preset, self.presets)
        if self.feed == "thrice" and len(self.modalities) != 1:
            raise ValueError(
                f"`feed` is thrice: got the modalities {list(self.modalities)}, expected one. Say "
                "modalities: [audio], say."
            )
        self.settings()
        if self.search is not None:
            space_of(self.algorithm, self.search.space)

    def settings(self) -> Settings:
        """How to train; a single order and the split's padding where the code is followed."""
        base = Settings.official() if self.fidelity == "official" else Settings()
        return base.with_(**self.training)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that ``yaml.safe_dump`` and JSON can write."""
        values = asdict(self) | {"modalities": list(self.modalities)}
        if isinstance(self.classes, tuple):
            values["classes"] = list(self.classes)
        return values


def load_fusion_recipe(name_or_path: str | Path, **overrides: Any) -> FusionRecipe:
    """Read a recipe of a fusion by its installed name or from a YAML file.

    Args:
        name_or_path: "fusion_lmf", or a path that ends in .yaml or .yml.
        overrides: Fields that replace what the file says; a mapping is merged over the file's.
            ``preset`` goes over the file first.

    Raises:
        FileNotFoundError: The path does not exist.
        ValueError: The name, a field or a value is not known, close matches are listed; or the
            recipe is of another kind.

    Example:
        >>> load_fusion_recipe("fusion_lmf", hidden_dim=64, preset="official").fidelity
        'official'
    """

    def load(changes: dict[str, Any]) -> FusionRecipe:
        return load_as(
            FusionRecipe, "fusion", "a fusion", name_or_path, changes, trainer="Settings"
        )

    plain = load({name: overrides[name] for name in ("preset",) if name in overrides})
    if plain.preset is None:
        return load(overrides)
    return load(merge(plain.presets[plain.preset], overrides))
