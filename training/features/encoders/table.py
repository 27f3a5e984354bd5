"""The 26 encoders that the EmotionTalk paper compares, by name.

What is taken from an encoder follows from its family, see `rules`; here stands only where it is
found, how large it is and what stands in the way of using it.
"""

from dataclasses import dataclass
from pathlib import Path

from affecthub.errors import unknown_name
from affecthub.training.features.names import Modality

_CODE = "The paper links {}; its code, and this name, use the encoder named here."


@dataclass(frozen=True)
class Published:
    """One encoder of the paper's Table 15.

    Args:
        name: As folders of MERBench call it; ``--encoder`` takes it in any case.
        title: As the paper's Table 3 calls it.
        hub_id: Where its weights are.
        modality: What it encodes.
        model: The class of transformers that runs it.
        width: Numbers in a vector.
        size_m: Parameters of what is used of it, in millions.
        licence: As its card on the Hub states it, to be read again before use; None where the card
            states none.
        note: What to know of it: access, conversion, where paper and code differ.
    """

    name: str
    title: str
    hub_id: str
    modality: Modality
    model: str
    width: int
    size_m: int
    licence: str | None = None
    note: str = ""


ENCODERS: tuple[Published, ...] = (
    *(
        Published(f"wavlm-{size}", title, f"microsoft/wavlm-{size}", "audio", "WavLMModel", *sizes)
        for size, title, sizes in (
            ("base", "WavLM-Base", (768, 94)),
            ("large", "WavLM-Large", (1024, 316)),
        )
    ),
    Published(
        "chinese-wav2vec2-base",
        "Wav2vec 2.0-Base",
        "TencentGameMate/chinese-wav2vec2-base",
        "audio",
        "Wav2Vec2Model",
        768,
        94,
        "mit",
        "A pretraining checkpoint: the quantiser's weights are left out.",
    ),
    Published(
        "chinese-wav2vec2-large",
        "Wav2vec 2.0-Large",
        "TencentGameMate/chinese-wav2vec2-large",
        "audio",
        "Wav2Vec2Model",
        1024,
        315,
        "mit",
        "A pretraining checkpoint: the quantiser's weights are left out.",
    ),
    Published(
        "chinese-hubert-base",
        "Hubert-Base",
        "TencentGameMate/chinese-hubert-base",
        "audio",
        "HubertModel",
        768,
        94,
        "mit",
    ),
    Published(
        "chinese-hubert-large",
        "Hubert-Large",
        "TencentGameMate/chinese-hubert-large",
        "audio",
        "HubertModel",
        1024,
        315,
        "mit",
    ),
    Published(
        "whisper-base",
        "Whisper-Base",
        "openai/whisper-base",
        "audio",
        "WhisperModel",
        512,
        73,
        "apache-2.0",
    ),
    Published(
        "whisper-large-v2",
        "Whisper-Large",
        "openai/whisper-large-v2",
        "audio",
        "WhisperModel",
        1280,
        1543,
        "apache-2.0",
    ),
    Published(
        "bert-base-chinese",
        "BERT-Base",
        "google-bert/bert-base-chinese",
        "text",
        "BertModel",
        768,
        102,
    ),
    Published(
        "chinese-roberta-wwm-ext",
        "RoBERTa-Base",
        "hfl/chinese-roberta-wwm-ext",
        "text",
        "BertModel",
        768,
        102,
        "apache-2.0",
    ),
    Published(
        "chinese-roberta-wwm-ext-large",
        "RoBERTa-Large",
        "hfl/chinese-roberta-wwm-ext-large",
        "text",
        "BertModel",
        1024,
        325,
        "apache-2.0",
    ),
    Published(
        "chinese-lert-base",
        "LERT-Base",
        "hfl/chinese-lert-base",
        "text",
        "BertModel",
        768,
        102,
        "apache-2.0",
    ),
    Published(
        "deberta-chinese-large",
        "DeBERTa-Large",
        "WENGSYX/Deberta-Chinese-Large",
        "text",
        "DebertaModel",
        1024,
        379,
        None,
        _CODE.format("microsoft/deberta-v3-large, an English model (DebertaV2Model)"),
    ),
    Published(
        "paraphrase-multilingual-mpnet-base-v2",
        "Sentence-BERT",
        "sentence-transformers/paraphrase-multilingual-mpnet-base-v2",
        "text",
        "XLMRobertaModel",
        768,
        278,
        "apache-2.0",
        "Its layers are taken as of any encoder, not its sentence vector.",
    ),
    Published(
        "bloom-7b1",
        "BLOOM-7B",
        "bigscience/bloom-7b1",
        "text",
        "BloomModel",
        4096,
        7069,
        "bigscience-bloom-rail-1.0",
    ),
    Published(
        "vicuna-7b-v0",
        "Vicuna-7B",
        "lmsys/vicuna-7b-delta-v0",
        "text",
        "LlamaModel",
        4096,
        6607,
        "LLaMA 1, not commercial",
        "Released as the difference from LLaMA-1 7B, which Meta gives out on request: add them "
        "with `affecthub convert encoder vicuna`. The paper links "
        "CarperAI/stable-vicuna-13b-delta, of width 5120.",
    ),
    Published(
        "chatglm2-6b",
        "ChatGLM2-6B",
        "THUDM/chatglm2-6b",
        "text",
        "GlmModel",
        4096,
        5977,
        "ChatGLM2-6B licence",
        "Its weights are converted as they are read, exactly; its own code is never run. Needs "
        "sentencepiece (the extra `encoders`).",
    ),
    Published(
        "baichuan-7b",
        "Baichuan-7B",
        "baichuan-inc/Baichuan-7B",
        "text",
        "LlamaModel",
        4096,
        6738,
        "Baichuan-7B licence",
        "As ChatGLM2-6B: converted as it is read, needs sentencepiece.",
    ),
    Published(
        "clip-vit-base-patch32",
        "CLIP-Base",
        "openai/clip-vit-base-patch32",
        "vision",
        "CLIPVisionModelWithProjection",
        512,
        88,
    ),
    Published(
        "clip-vit-large-patch14",
        "CLIP-Large",
        "openai/clip-vit-large-patch14",
        "vision",
        "CLIPVisionModelWithProjection",
        768,
        304,
    ),
    Published(
        "dinov2-large",
        "Dinov2-Large",
        "facebook/dinov2-large",
        "vision",
        "Dinov2Model",
        1024,
        304,
        "apache-2.0",
    ),
    Published(
        "dinov2-giant",
        "Dinov2-Giant",
        "facebook/dinov2-giant",
        "vision",
        "Dinov2Model",
        1536,
        1136,
        "apache-2.0",
    ),
    Published(
        "data2vec-vision-base-ft1k",
        "Data2vec-Base",
        "facebook/data2vec-vision-base-ft1k",
        "vision",
        "Data2VecVisionModel",
        768,
        86,
        "apache-2.0",
        _CODE.format("facebook/data2vec-vision-base, not fine-tuned"),
    ),
    Published(
        "videomae-base",
        "VideoMAE-Base",
        "MCG-NJU/videomae-base",
        "vision",
        "VideoMAEModel",
        768,
        86,
        "cc-by-nc-4.0",
    ),
    Published(
        "videomae-large",
        "VideoMAE-Large",
        "MCG-NJU/videomae-large",
        "vision",
        "VideoMAEModel",
        1024,
        304,
        "cc-by-nc-4.0",
    ),
    Published(
        "eva02_base_patch14_224.mim_in22k",
        "EVA-02-Base",
        "timm/eva02_base_patch14_224.mim_in22k",
        "vision",
        "TimmWrapperModel",
        768,
        86,
        "mit",
        "Needs timm (the extra `vision-timm`) and the torchvision that belongs to the torch there is.",
    ),
)


@dataclass(frozen=True)
class Named:
    """An encoder as it was asked for.

    Args:
        name: What tables and caches call it.
        where: Folder or Hub id to load.
        published: Its row in the paper's table, if it has one.
    """

    name: str
    where: str
    published: Published | None


def published(name: str) -> Published | None:
    """A row of the table by its name, its title or its Hub id, in any case.

    Example:
        >>> published("Hubert-Large").hub_id, published("mine") is None
        ('TencentGameMate/chinese-hubert-large', True)
    """
    wanted = name.casefold()
    for row in ENCODERS:
        keys = {row.name, row.title, row.hub_id, row.hub_id.split("/")[1]}
        if wanted in {key.casefold() for key in keys}:
            return row
    return None


def find_encoder(name: str | Path) -> Named:
    """Find out what is meant by ``--encoder``.

    Args:
        name: A folder, a name or title of the table, or a Hub id.

    Raises:
        ValueError: None of these.
        FileNotFoundError: A path that is not there.

    Example:
        >>> find_encoder("whisper-base").where
        'openai/whisper-base'
    """
    text = str(name)
    folder = Path(text).expanduser()
    if folder.is_dir():
        own = folder.resolve().name
        return Named(own, str(folder), published(own))
    row = published(text)
    if row is not None:
        return Named(row.name, row.hub_id, row)
    parts = folder.parts
    if folder.is_absolute() or text.startswith((".", "~")) or len(parts) > 2:
        raise FileNotFoundError(
            f"encoder not found: {text}, expected a folder with config.json. Check the path, or "
            "name an encoder of the Hub as OWNER/NAME."
        )
    if len(parts) == 2:
        return Named(parts[1], text, None)
    raise unknown_name("encoder", text, [row.name for row in ENCODERS])
