"""Three small pretrained models on disk, a wording, and checkpoints in the official form."""

import pytest
import torch
import yaml
from official_checkpoints import (
    Sizes,
    official_settings,
    official_shapes,
    random_weights,
    write_checkpoint,
)
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    CLIPConfig,
    CLIPModel,
    HubertConfig,
    HubertModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)

SMALL = Sizes(hidden=64, ffn=96, kv=32, layers=2, vision=24, audio=32, rank=4, bert=48, bert_ffn=40)
SIDE = 28

# Wording of our own, in the shape of the official one: plain tags around every placeholder.
PARTS = {
    "start": "###Person: ",
    "fused": "Taken together: <Both>{fused}</Both>. ",
    "audio": "The voice: <Voice>{audio}</Voice>. ",
    "face": "The cut-out face: <See>{face}</See>. ",
    "video": "The scene: <See>{video}</See>. ",
    "text": "The words: <Said>{text}</Said>. ",
    "question": "{question} ###Helper: ",
}
QUESTION = "How does this person feel?"
# Mode of the training configuration -> parts of its prompt.
MODES = {
    "multiface_audio_face_text": ("start", "fused", "audio", "face", "text", "question"),
    "multiframe_audio_frame_text": ("start", "fused", "audio", "video", "text", "question"),
    "face": ("start", "audio", "face", "text", "question"),
    "multiface_text": ("start", "fused", "text", "question"),
}


def parts_of(mode: str) -> list[str]:
    return [PARTS[name] for name in MODES[mode]]


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE with merges learned here, control tokens as Qwen2.5 has them."""
    tokenizer = Tokenizer(models.BPE())
    words = r"'s|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(words), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(
        [*PARTS.values(), QUESTION, "she is happy, 她很开心。"] * 3, trainer
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>"],
        model_max_length=2048,
    )


def make_text(folder, layers: int = SMALL.layers, hidden: int = SMALL.hidden, vocab: int = 512):
    torch.manual_seed(layers)
    config = Qwen2Config(
        vocab_size=vocab,
        hidden_size=hidden,
        intermediate_size=SMALL.ffn,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        eos_token_id=2,
        pad_token_id=0,
        bos_token_id=0,
        initializer_range=0.02,
        tie_word_embeddings=False,
    )
    model = Qwen2ForCausalLM(config).eval()
    model.generation_config.update(
        do_sample=True, top_k=20, top_p=0.8, repetition_penalty=1.05, eos_token_id=[2, 0]
    )
    model.save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="session")
def bases(tmp_path_factory) -> dict[str, str]:
    """The three models on disk: a whole CLIP, a HuBERT of four layers, a Qwen2."""
    root = tmp_path_factory.mktemp("bases")
    torch.manual_seed(0)
    tower = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    clip = CLIPConfig(
        vision_config={**tower, "hidden_size": 16, "image_size": SIDE, "patch_size": 14}
        | {"projection_dim": SMALL.vision, "initializer_factor": 3.0},
        text_config={**tower, "hidden_size": 16, "vocab_size": 99, "projection_dim": SMALL.vision},
        projection_dim=SMALL.vision,
    )
    CLIPModel(clip).save_pretrained(root / "vision")
    hubert = HubertConfig(
        hidden_size=SMALL.audio,
        intermediate_size=48,
        num_hidden_layers=4,
        num_attention_heads=4,
        conv_dim=[16, 16, 16],
        conv_kernel=[20, 8, 4],
        conv_stride=[20, 8, 4],
        conv_bias=True,
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        initializer_range=0.1,
    )
    HubertModel(hubert).save_pretrained(root / "audio")
    make_text(root / "text")
    return {name: str(root / name) for name in ("vision", "audio", "text")}


@pytest.fixture
def prompt_file(tmp_path):
    def write(mode: str = "multiface_audio_face_text", **more):
        path = tmp_path / f"{mode}.yaml"
        wording = {"prompt": parts_of(mode), "questions": {"feeling": QUESTION}, **more}
        path.write_text(yaml.safe_dump(wording, allow_unicode=True), encoding="utf-8")
        return path

    return write


@pytest.fixture
def checkpoint(tmp_path):
    """Write an attention checkpoint, its tensors changed first."""

    def write(change=lambda weights: None, name="checkpoint_000030_loss_1.234.pth", **settings):
        weights = random_weights(official_shapes(SMALL))
        change(weights)
        return write_checkpoint(tmp_path / name, weights, official_settings(**settings))

    return write
