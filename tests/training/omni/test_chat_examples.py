"""Tensors of clips: what is learnt, what a batch may hold, and what goes wrong without an error."""

import json

import pytest
import torch

from affecthub.labels import BASIC7
from affecthub.metrics.replies.reading import read_reply
from affecthub.training.asking.asks import Ask
from affecthub.training.examples import UnusableClipError
from affecthub.training.omni.collating import FLAG, collate
from affecthub.training.omni.loss import answer_loss

KINDS = ("qwen2_5_omni_thinker", "qwen3_omni_moe_thinker", "qwen2_audio")


@torch.no_grad()
def loss_of(model, batch, **changes):
    inputs = {**batch, **changes}
    return float(answer_loss(model(**inputs), inputs.pop("labels"), 1))


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_and_its_end_are_learnt_and_nothing_else(built, kind):
    _, examples = built(kind)
    tensors = examples[0]
    tokenizer = examples.encoder.reader.tokenizer
    learnt = tensors["labels"][0] != -100
    first = int(learnt.nonzero()[0])
    # What is learnt is one piece that reaches to the end.
    assert learnt[first:].all() and not learnt[:first].any()
    ids = tensors["input_ids"][0]
    assert torch.equal(tensors["labels"][0][first:], ids[first:])
    said = tokenizer.decode(ids[first:])
    assert said.endswith("<|im_end|>")
    # The words before it are the header of an answer, the last in the text.
    before = tokenizer.decode(ids[:first])
    assert before.endswith("<|im_start|>assistant\n") and before.count("assistant\n") == 1
    # What is to be said reads back as what the corpus says.
    row = examples.rows[0]
    names = examples.rows.features["emotion"].names
    read = read_reply(said.removesuffix("<|im_end|>"), "basic7", names)
    assert (read.status, read.value.emotion) == ("json", names[row["emotion"]])
    assert {*names} == {name.lower() for name in BASIC7}


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_equals_its_clips_alone(built, batch_of, kind):
    model, examples = built(kind)
    alone = [loss_of(model, batch_of(examples, place)) for place in (0, 1, 2)]
    batch = batch_of(examples, 0, 1, 2)
    lengths = batch["attention_mask"].sum(1)
    assert lengths.min() < lengths.max() == batch["input_ids"].shape[1]
    assert (batch["attention_mask"][:, -1] == 1).all(), "padded on the left"
    assert loss_of(model, batch) == pytest.approx(sum(alone), rel=1e-5)


def test_sound_between_frames_is_told_to_the_model_by_the_same_value(built, batch_of):
    model, slot = built("qwen2_5_omni_thinker")
    _, woven = built("qwen2_5_omni_thinker", sound="in_video")
    beside, between = batch_of(slot, 0), batch_of(woven, 0)
    assert beside[FLAG] is False and between[FLAG] is True
    # As many tokens of media, in another order.
    assert beside["input_ids"].shape != between["input_ids"].shape or not torch.equal(
        beside["input_ids"], between["input_ids"]
    )
    # Either flag runs without an error, and one of them is wrong.
    for batch in (beside, between):
        right, wrong = loss_of(model, batch), loss_of(model, batch, **{FLAG: not batch[FLAG]})
        if batch is between:
            assert abs(right - wrong) > 1e-4


def test_a_silent_clip_among_clips_that_sound_is_refused(built, batch_of, clips):
    rows = clips["train"].select(range(3))
    silent = rows.map(
        lambda row, place: {"audio": None if place == 1 else row["audio"]},
        with_indices=True,
        features=rows.features,
    )
    for sound in ("slot", "in_video"):
        model, examples = built("qwen2_5_omni_thinker", silent, sound=sound)
        kinds = examples.kinds()
        assert [len(each) for each in kinds] == [2, 1, 2]
        with pytest.raises(ValueError, match=r"other kinds of media: got .*feature_attention_mask"):
            batch_of(examples, 0, 1)
        assert batch_of(examples, 1)[FLAG] is False
        assert loss_of(model, batch_of(examples, 0, 2)) > 0
    # The same tensors with another flag are another kind, too.
    _, slot = built("qwen2_5_omni_thinker", rows)
    _, woven = built("qwen2_5_omni_thinker", rows, sound="in_video")
    family = slot.encoder.family
    with pytest.raises(ValueError, match="got sound in some alone"):
        collate([slot[0], woven[0]], family=family, pad_token_id=0)


def test_words_that_are_marks_of_the_chat_are_refused(built, clips):
    rows = clips["train"].select([0])
    _, examples = built("qwen2_audio", rows.map(lambda row: {"text": "<|im_end|> hello"}))
    with pytest.raises(ValueError, match=r"clip '\w+': .*hold a mark .*<\|im_end\|>"):
        examples[0]
    encoder = examples.encoder
    with pytest.raises(ValueError, match=r"hold a mark"):
        encoder.encode(Ask("a", "?"), "joy<|im_end|>")
    tensors = encoder.encode(Ask("a", "?"), "joy")
    said = tensors["labels"][0][tensors["labels"][0] != -100]
    assert encoder.reader.tokenizer.decode(said) == "joy<|im_end|>"


def test_a_template_that_ends_no_answer_is_refused(built):
    _, examples = built("qwen2_audio")
    processor = examples.encoder.reader.processor
    processor.chat_template = processor.chat_template.replace("<|im_end|>\n{% endfor %}", "")
    processor.chat_template += "{% endfor %}"
    with pytest.raises(ValueError, match=r"template (ends no answer|writes answers otherwise)"):
        _ = examples.encoder.end


def test_clips_that_cannot_be_heard_are_named(built, clips):
    rows = clips["train"].select([0])
    broken = rows.map(lambda row: {"audio": {"bytes": b"nothing", "path": "x.wav"}})
    _, examples = built("qwen2_audio", broken)
    with pytest.raises(UnusableClipError, match=r"clip '\w+': "):
        examples[0]
    from affecthub.media.cut import wav

    long = wav(torch.zeros(16000 * 31).numpy() + 0.1, 16000)
    row = rows.map(lambda row: {"audio": {"bytes": long, "path": "long.wav"}})
    _, examples = built("qwen2_audio", row)
    with pytest.raises(UnusableClipError, match=r"too long: got 31.0 s, expected at most 30 s"):
        examples[0]
    _, examples = built("qwen2_audio", row, long_sound="split")
    assert examples[0]["input_features"].shape[0] == 2


def test_answers_of_other_columns():
    from datasets import ClassLabel

    from affecthub.labels import GOEMOTIONS_WITH_UNSURE
    from affecthub.training.omni.answers import json_answer

    shares = [0.0] * len(GOEMOTIONS_WITH_UNSURE)
    shares[GOEMOTIONS_WITH_UNSURE.index("joy")] = 2 / 3
    shares[GOEMOTIONS_WITH_UNSURE.index("relief")] = 1.0
    row = {"emotion": 1, "confidence": 0.987, "probs": shares, "words": ["a", "b"], "text": "喂"}
    features = {"emotion": ClassLabel(names=["Anger", "Joy"])}
    keys = {
        "predicted_emotion": "emotion",
        "model_confidence": "confidence",
        "goemotions_labels": "probs",
    }
    said = json_answer(row, features, keys)
    assert json.loads(said) == {
        "predicted_emotion": "Joy",
        "model_confidence": 0.99,
        "goemotions_labels": [
            {"label": "relief", "confidence": 1.0},
            {"label": "joy", "confidence": 0.67},
        ],
    }
    read = read_reply(said, "basic7", ["Anger", "Joy"])
    assert (read.status, read.value.emotion, read.value.confidence) == ("json", "Joy", 0.99)
    assert [(each.label, each.confidence) for each in read.value.goemotions] == [
        ("relief", 1.0),
        ("joy", 0.67),
    ]
    # A first column that is empty gives none; others are left out.
    assert json_answer(row | {"emotion": None}, features, keys) is None
    assert json_answer(row | {"confidence": None, "probs": []}, features, keys) == (
        '{"predicted_emotion": "Joy"}'
    )
    assert json_answer(row, {}, {"said": "text", "list": "words"}) == (
        '{"said": "喂", "list": ["a", "b"]}'
    )
    # A label is spelled as the question lists it.
    assert json_answer(row, features, {"said": "emotion"}, ["JOY"]) == '{"said": "JOY"}'
    with pytest.raises(ValueError, match="unknown column of `answer`: got 'emotino'"):
        json_answer(row, features, {"predicted_emotion": "emotino"})
