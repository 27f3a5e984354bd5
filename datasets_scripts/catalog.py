"""Every corpus in one table: its builder, licence, size, protocols, and how to get it."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from affecthub.errors import unknown_name


@dataclass(frozen=True)
class Corpus:
    """What can be said of a corpus without opening it.

    Attributes:
        name: The name that ``load_dataset`` takes.
        title: One line for a listing.
        builder: ``module:Class``, imported on first use.
        configs: Configuration names, the default first.
        protocols: Split protocols, the default first.
        languages: BCP-47 tags.
        n_rows: Clips in the full corpus; None where the user chooses.
        licence: Short name, as the card states it.
        may_redistribute: Whether the licence lets a user publish a copy of the media.
        how_to_get: One or two sentences with the place.
    """

    name: str
    title: str
    builder: str
    configs: tuple[str, ...]
    protocols: tuple[str, ...]
    languages: tuple[str, ...]
    n_rows: int | None
    licence: str
    may_redistribute: bool
    how_to_get: str

    def builder_class(self) -> Any:
        """Import and give the builder class."""
        module, _, name = self.builder.partition(":")
        return getattr(import_module(module), name)

    def choose(self, config: str | None, protocol: str | None) -> tuple[str, str]:
        """Resolve a configuration and a protocol; None takes the default.

        Raises:
            ValueError: A name is unknown; close matches are listed.
        """
        config, protocol = config or self.configs[0], protocol or self.protocols[0]
        if config not in self.configs:
            raise unknown_name(f"config of {self.name}", config, self.configs)
        if protocol not in self.protocols:
            raise unknown_name(f"protocol of {self.name}", protocol, self.protocols)
        return config, protocol


_CORPORA = (
    Corpus(
        name="demo",
        title="Synthetic demo corpus: 12 invented speakers, audio, video and text",
        builder="affecthub.datasets_scripts.demo.builder:DemoBuilder",
        configs=("default",),
        protocols=("official", "speaker_independent"),
        languages=("en",),
        n_rows=None,
        licence="Apache-2.0",
        may_redistribute=True,
        how_to_get="Generated on your machine: affecthub.datasets_scripts.demo.generate.",
    ),
    Corpus(
        name="emotiontalk",
        title="EmotionTalk: dyadic Chinese dialogues by 19 actors, labelled per modality",
        builder="affecthub.datasets_scripts.emotiontalk.builder:EmotionTalkBuilder",
        configs=("seven", "four"),
        protocols=("official", "speaker_independent"),
        languages=("zh",),
        n_rows=19250,
        licence="CC-BY-NC-SA-4.0",
        may_redistribute=False,
        how_to_get=(
            "Media and JSON: accept the conditions of huggingface.co/datasets/BAAI/Emotiontalk. "
            "Labels and transcripts alone: EmotionTalk/dataset/mm-process of "
            "github.com/NKU-HLT/EmotionTalk."
        ),
    ),
)
CATALOG: dict[str, Corpus] = {corpus.name: corpus for corpus in _CORPORA}


def corpus(name: str) -> Corpus:
    """Give the catalog entry of a corpus.

    Raises:
        ValueError: The name is unknown; close matches are listed.
    """
    if name not in CATALOG:
        raise unknown_name("corpus", name, CATALOG)
    return CATALOG[name]
