"""Encoders of the real classes, tiny and random, saved as their publishers save them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import transformers as tf
from tokenizers import Tokenizer, models, pre_tokenizers, processors

RATE_HZ = 16000
SENTENCES = ("we meet at noon", "no", "the rain has not stopped since we came here last night")
_CONV = {"conv_dim": (8,) * 7, "num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2}
_BODY = {"hidden_size": 16, "num_hidden_layers": 5, "num_attention_heads": 2}
_WIDE = _BODY | {"intermediate_size": 32}
_STABLE = {"do_stable_layer_norm": True, "feat_extract_norm": "layer"}
_TEXT = _WIDE | {"vocab_size": 60, "max_position_embeddings": 40, "pad_token_id": 0}
_LLAMA = _TEXT | {"num_key_value_heads": 1, "head_dim": 8}
_IMAGE = _WIDE | {"image_size": 28, "patch_size": 14}


def _speech(name, **more):
    config = getattr(tf, f"{name}Config")(**_WIDE, **_CONV, **more)
    extractor = tf.Wav2Vec2FeatureExtractor(do_normalize=bool(more))
    return getattr(tf, f"{name}Model")(config), extractor


def _pretrained_wav2vec2():
    """As the Chinese checkpoints are: with the quantiser that training needed."""
    config = tf.Wav2Vec2Config(
        **_WIDE, **_CONV, codevector_dim=8, proj_codevector_dim=8, num_codevectors_per_group=4
    )
    return tf.Wav2Vec2ForPreTraining(config), tf.Wav2Vec2FeatureExtractor(do_normalize=True)


def _whisper():
    config = tf.WhisperConfig(
        vocab_size=60,
        num_mel_bins=80,
        d_model=16,
        encoder_layers=4,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_source_positions=100,
        max_target_positions=8,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=3,
    )
    return tf.WhisperModel(config), tf.WhisperFeatureExtractor(chunk_length=2)


def make_tokenizer(*, begins: bool = True):
    """Words of `SENTENCES`, between special tokens as BERT has them or without."""
    words = sorted({word for sentence in SENTENCES for word in sentence.split()})
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[CLS]", "[SEP]", "[UNK]", *words])}
    core = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    if begins:
        core.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
        )
    return tf.PreTrainedTokenizerFast(tokenizer_object=core, pad_token="[PAD]", unk_token="[UNK]")


def _text(name, config, **more):
    return getattr(tf, f"{name}Model")(getattr(tf, f"{name}Config")(**config)), make_tokenizer(
        **more
    )


def _image_processor(name, **more):
    return getattr(tf, name)(size={"height": 28, "width": 28}, do_center_crop=False, **more)


def _clip():
    """Whole, as it is published; its image half is taken."""
    text = tf.CLIPTextConfig(**_TEXT, projection_dim=12)
    vision = tf.CLIPVisionConfig(**_IMAGE, projection_dim=12)
    config = tf.CLIPConfig(
        text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=12
    )
    return tf.CLIPModel(config), _image_processor("CLIPImageProcessorPil")


def _videomae():
    config = tf.VideoMAEConfig(**_IMAGE, num_frames=16, tubelet_size=2)
    return tf.VideoMAEModel(config), tf.VideoMAEImageProcessorPil(
        size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28}
    )


def _dinov2():
    config = tf.Dinov2Config(**_BODY, image_size=28, patch_size=14)
    return tf.Dinov2Model(config), _image_processor("BitImageProcessorPil")


def _data2vec():
    config = tf.Data2VecVisionConfig(**_IMAGE, use_relative_position_bias=True)
    return tf.Data2VecVisionModel(config), _image_processor("BeitImageProcessorPil")


def _ast():
    config = tf.ASTConfig(**_WIDE, max_length=64, num_mel_bins=32)
    return tf.ASTModel(config), tf.ASTFeatureExtractor(num_mel_bins=32, max_length=64)


def _wav2vec2_bert():
    config = tf.Wav2Vec2BertConfig(**_WIDE, feature_projection_input_dim=160)
    return tf.Wav2Vec2BertModel(config), tf.SeamlessM4TFeatureExtractor()


def _convnext():
    config = tf.ConvNextConfig(hidden_sizes=[4, 6, 8, 10], depths=[1, 1, 1, 1])
    processor = tf.ConvNextImageProcessorPil(size={"shortest_edge": 64}, crop_pct=1.0)
    return tf.ConvNextModel(config), processor


MAKERS = {
    "ast": _ast,
    "wav2vec2-bert": _wav2vec2_bert,
    "convnext": _convnext,
    "electra": lambda: _text("Electra", _TEXT | {"embedding_size": 8}),
    "hubert": lambda: _speech("Hubert"),
    "hubert-large": lambda: _speech("Hubert", **_STABLE),
    "wav2vec2": _pretrained_wav2vec2,
    "wav2vec2-large": lambda: _speech("Wav2Vec2", **_STABLE),
    "wavlm-large": lambda: _speech("WavLM", **_STABLE),
    "whisper": _whisper,
    "bert": lambda: _text("Bert", _TEXT),
    "xlm-roberta": lambda: _text("XLMRoberta", _TEXT | {"pad_token_id": 1}),
    "deberta": lambda: _text("Deberta", _TEXT | {"relative_attention": True}),
    "deberta-v2": lambda: _text("DebertaV2", _TEXT | {"relative_attention": True}),
    "bloom": lambda: _text(
        "Bloom", {"vocab_size": 60, "hidden_size": 16, "n_layer": 5, "n_head": 2}, begins=False
    ),
    "llama": lambda: _text("Llama", _LLAMA, begins=False),
    "glm": lambda: _text("Glm", _LLAMA, begins=False),
    "glm-raw": lambda: _text("Glm", _LLAMA | {"tie_last_hidden_states": False}, begins=False),
    "clip": _clip,
    "dinov2": _dinov2,
    "data2vec": _data2vec,
    "videomae": _videomae,
}


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory):
    """Folder of a tiny encoder by its name, written when it is first asked for."""
    root = tmp_path_factory.mktemp("encoders")

    def folder(name: str) -> Path:
        path = root / name
        if not path.is_dir():
            torch.manual_seed(len(name))
            model, other = MAKERS[name]()
            for parameter in model.parameters():  # norms and biases do something, too
                parameter.data += 0.1 * torch.randn_like(parameter)
            model.save_pretrained(path)
            other.save_pretrained(path)
        return path

    return folder


@pytest.fixture(scope="session")
def built(encoder_folder):
    """An encoder with what is asked of it, loaded once."""
    from functools import cache

    from affecthub.training.features.encoders.building import build, kind_of
    from affecthub.training.features.encoders.rules import Wanted
    from affecthub.training.features.encoders.table import find_encoder

    @cache
    def make(name, medium, **wanted):
        named = find_encoder(encoder_folder(name) if name in MAKERS else name)
        return build(
            named, kind_of(named), Wanted(**wanted), medium=medium, device=torch.device("cpu")
        )

    return make


@pytest.fixture(scope="session")
def sounds(tmp_path_factory):
    """Rows with sound of so many seconds each."""
    root = tmp_path_factory.mktemp("sounds")

    def rows(*seconds: float):
        found = []
        for length in seconds:
            path = root / f"{length}.wav"
            wave = np.random.default_rng(round(length * 100)).normal(
                0.1, 0.2, round(length * RATE_HZ)
            )
            soundfile.write(path, wave.astype(np.float32), RATE_HZ, subtype="FLOAT")
            found.append({"id": f"{length}", "audio": {"bytes": None, "path": str(path)}})
        return found

    return rows


@pytest.fixture(scope="session")
def faces(tmp_path_factory):
    """Rows with an array of so many faces each, blue first as OpenCV keeps them."""
    root = tmp_path_factory.mktemp("faces")

    def rows(*counts: int):
        found = []
        for count in counts:
            path = root / f"{count}.npy"
            noise = np.random.default_rng(count).integers(0, 255, (count, 28, 28, 3))
            np.save(path, noise.astype(np.uint8))
            found.append({"id": f"{count}", "face": {"bytes": None, "path": str(path)}})
        return found

    return rows


@pytest.fixture(scope="session")
def sentences():
    """What is said in tests."""
    return SENTENCES


@pytest.fixture(scope="session")
def tokenizer():
    """The tokenizer of these sentences that puts special tokens around them."""
    return make_tokenizer()
