"""Every corpus in one table: its builder, licence, size, protocols, and how to get it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
        groups: What ``group_id`` is: "speaker", "source video" and so on; empty where the release
            tells neither, so that no speaker-independent split can be made.
        roots: Other folders that complete the corpus: name for ``roots=`` and what it may be.
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
    groups: str = "speaker"
    roots: Mapping[str, str] = field(default_factory=dict)

    def builder_class(self) -> Any:
        """Import and give the builder class."""
        module, _, name = self.builder.partition(":")
        return getattr(import_module(module), name)

    def choose(self, config: str | None, protocol: str | None) -> tuple[str, str]:
        """Resolve a configuration and a protocol; None takes the default.

        A protocol that ends in ``.json`` is the path of a user's own split file.

        Raises:
            ValueError: A name is unknown; close matches are listed.
        """
        config, protocol = config or self.configs[0], protocol or self.protocols[0]
        if config not in self.configs:
            raise unknown_name(f"config of {self.name}", config, self.configs)
        if protocol == "speaker_independent" and not self.groups:
            raise ValueError(
                f"protocol of {self.name}: got 'speaker_independent', expected one of "
                f"{', '.join(self.protocols)}. The release names neither speakers nor source "
                "videos, so that nobody can say whether a split separates them."
            )
        if protocol not in self.protocols and not protocol.endswith(".json"):
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
        name="folder",
        title="Any folder of media with a table, or with class folders",
        builder="affecthub.datasets_scripts.folder.builder:FolderBuilder",
        configs=("default",),
        protocols=("official", "speaker_independent"),
        languages=(),
        n_rows=None,
        licence="that of its files",
        may_redistribute=False,
        how_to_get=(
            "Your own: put media and a csv, tsv, json, jsonl or xlsx into one folder. "
            "datasets_scripts/folder/README.md says how its columns are told."
        ),
        groups="speaker, where a column names speakers",
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
    Corpus(
        name="emos",
        title="EmoS: CH-SIMS v2 and MELD re-annotated with confidences, and streaming monologues",
        builder="affecthub.datasets_scripts.emos.builder:EmosBuilder",
        configs=(
            "static",
            "static_zh",
            "static_en",
            "goemotions",
            "streaming_clips",
            "streaming_utterances",
            "streaming_segments",
            "annotations",
        ),
        protocols=("official", "speaker_independent", "source_independent", "sims_official"),
        languages=("zh", "en"),
        n_rows=9403,
        licence="unstated",
        may_redistribute=False,
        how_to_get=(
            "Annotations: a clone of github.com/NLP2CT/EmoS. Media: those of CH-SIMS v2 and of "
            "the MELD training split; streaming films by the link in its README."
        ),
        groups="speaker (MELD), source video (CH-SIMS v2), film (streaming)",
        roots={
            "meld": "MELD as untarred, for English text and media",
            "ch_sims_v2": "CH-SIMS v2, for Chinese media",
            "streaming": "folder of the streaming films, <Title>/<Title>.mp4 and segments",
        },
    ),
    Corpus(
        name="meld",
        title="MELD: multi-party dialogues of the series Friends",
        builder="affecthub.datasets_scripts.meld.builder:MeldBuilder",
        configs=("default",),
        protocols=("official", "speaker_independent"),
        languages=("en",),
        n_rows=13708,
        licence="GPL-3.0",
        may_redistribute=False,
        how_to_get=(
            "MELD.Raw.tar.gz from web.eecs.umich.edu/~mihalcea/downloads, untarred with the tars "
            "in it. Annotations alone: data/MELD of github.com/declare-lab/MELD."
        ),
        groups="speaker",
    ),
    Corpus(
        name="iemocap",
        title="IEMOCAP: ten actors in five dyadic sessions, improvised and scripted",
        builder="affecthub.datasets_scripts.iemocap.builder:IemocapBuilder",
        configs=("four", "full"),
        protocols=(
            "official",
            "speaker_independent",
            "mer_unibench",
            *(f"session_{i}" for i in range(1, 6)),
            *(f"speaker_{i}{sex}" for i in range(1, 6) for sex in "fm"),
        ),
        languages=("en",),
        n_rows=10039,
        licence="IEMOCAP licence agreement",
        may_redistribute=False,
        how_to_get="The request form of sail.usc.edu/iemocap; unpack to IEMOCAP_full_release.",
        groups="recording session (two actors)",
    ),
    Corpus(
        name="cmu_mosi",
        title="CMU-MOSI: sentiment of English opinion videos",
        builder="affecthub.datasets_scripts.cmu_mosi.builder:CmuMosiBuilder",
        configs=("default",),
        protocols=("official", "speaker_independent"),
        languages=("en",),
        n_rows=2199,
        licence="unstated",
        may_redistribute=False,
        how_to_get=(
            "The CMU Multimodal SDK (Raw/...), or the MMSA form with label.csv of "
            "github.com/thuiar/MMSA."
        ),
        groups="source video (one person each)",
    ),
    Corpus(
        name="cmu_mosei",
        title="CMU-MOSEI: sentiment and emotion of English opinion videos",
        builder="affecthub.datasets_scripts.cmu_mosei.builder:CmuMoseiBuilder",
        configs=("default",),
        protocols=("official", "speaker_independent"),
        languages=("en",),
        n_rows=22856,
        licence="unstated",
        may_redistribute=False,
        how_to_get=(
            "The CMU Multimodal SDK (Raw/...), or the MMSA form with label.csv of "
            "github.com/thuiar/MMSA."
        ),
        groups="source video (one person each)",
    ),
    Corpus(
        name="ch_sims",
        title="CH-SIMS: sentiment of Chinese film clips, for each modality",
        builder="affecthub.datasets_scripts.ch_sims.builder:ChSimsBuilder",
        configs=("default",),
        protocols=("official", "speaker_independent"),
        languages=("zh",),
        n_rows=2281,
        licence="unstated",
        may_redistribute=False,
        how_to_get="The download links of github.com/thuiar/MMSA.",
        groups="source video",
    ),
    Corpus(
        name="ch_sims_v2",
        title="CH-SIMS v2 (supervised part): sentiment of Chinese clips, for each modality",
        builder="affecthub.datasets_scripts.ch_sims_v2.builder:ChSimsV2Builder",
        configs=("default",),
        protocols=("official", "speaker_independent"),
        languages=("zh",),
        n_rows=4403,
        licence="unstated",
        may_redistribute=False,
        how_to_get="The download links of github.com/thuiar/ch-sims-v2.",
        groups="source video",
    ),
    Corpus(
        name="mer2023",
        title="MER2023: six emotions and valence in Chinese film clips",
        builder="affecthub.datasets_scripts.mer2023.builder:Mer2023Builder",
        configs=("default",),
        protocols=("official",),
        languages=("zh",),
        n_rows=5030,
        licence="MER2023 EULA",
        may_redistribute=False,
        how_to_get="Accept the conditions of huggingface.co/datasets/MERChallenge/MER2023.",
        groups="",
    ),
    Corpus(
        name="mer2024",
        title="MER2024: six emotions in Chinese film clips, with a large unlabelled part",
        builder="affecthub.datasets_scripts.mer2024.builder:Mer2024Builder",
        configs=("labeled", "unlabeled"),
        protocols=("official",),
        languages=("zh",),
        n_rows=None,
        licence="MER2024 EULA",
        may_redistribute=False,
        how_to_get="Accept the conditions of huggingface.co/datasets/MERChallenge/MER2024.",
        groups="",
    ),
    Corpus(
        name="ov_merd",
        title="OV-MERD and OV-MERD+: open-vocabulary emotions of MER2023 clips",
        builder="affecthub.datasets_scripts.ov_merd.builder:OvMerdBuilder",
        configs=("ov_merd_plus", "ov_merd"),
        protocols=("official",),
        languages=("zh",),
        n_rows=532,
        licence="MER2023 EULA",
        may_redistribute=False,
        how_to_get="Accept the conditions of huggingface.co/datasets/MERChallenge/MER2025.",
        groups="",
        roots={"mer2023": "MER2023 as unpacked, for the clips"},
    ),
    Corpus(
        name="mer_caption",
        title="MER-Caption+ and MER-Caption: machine-written emotion words and descriptions",
        builder="affecthub.datasets_scripts.mer_caption.builder:MerCaptionBuilder",
        configs=("mer_caption_plus", "mer_caption"),
        protocols=("official",),
        languages=("zh",),
        n_rows=31327,
        licence="MER2025 EULA",
        may_redistribute=False,
        how_to_get="Accept the conditions of huggingface.co/datasets/MERChallenge/MER2025.",
        groups="",
        roots={"media": "folder of video/, audio/ and openface_face/ where they lie apart"},
    ),
    Corpus(
        name="emer",
        title="EMER: emotions of MER2023 clips with reasons, in Chinese and English",
        builder="affecthub.datasets_scripts.emer.builder:EmerBuilder",
        configs=("v2", "v1"),
        protocols=("official",),
        languages=("zh",),
        n_rows=332,
        licence="MER2023 EULA",
        may_redistribute=False,
        how_to_get="EMER/dataset-v1 and dataset-v2 of github.com/zeroQiaoba/AffectGPT.",
        groups="",
        roots={"mer2023": "MER2023 as unpacked, for the clips"},
    ),
    Corpus(
        name="mer_unibench",
        title="MER-UniBench: the nine test sets of the AffectGPT paper",
        builder="affecthub.datasets_scripts.mer_unibench.builder:MerUniBenchBuilder",
        configs=("default",),
        protocols=("official",),
        languages=("zh", "en"),
        n_rows=12799,
        licence="those of its corpora",
        may_redistribute=False,
        how_to_get=(
            "The processed folders that the README of github.com/zeroQiaoba/AffectGPT links to, "
            "or the nine corpora themselves."
        ),
        groups="",
        roots={
            "mer2023": "MER2023",
            "mer2024": "MER2024",
            "iemocap": "IEMOCAP",
            "meld": "MELD",
            "cmu_mosi": "CMU-MOSI",
            "cmu_mosei": "CMU-MOSEI",
            "ch_sims": "CH-SIMS",
            "ch_sims_v2": "CH-SIMS v2",
            "ov_merd": "OV-MERD+",
        },
    ),
)
CATALOG: dict[str, Corpus] = {corpus.name: corpus for corpus in _CORPORA}


def corpus(name: str) -> Corpus:
    """The catalog entry of a corpus.

    Raises:
        ValueError: The name is unknown; close matches are listed.
    """
    if name not in CATALOG:
        raise unknown_name("corpus", name, CATALOG)
    return CATALOG[name]
