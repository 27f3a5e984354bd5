"""A batch says what each of its clips says alone, whatever order and company they come in."""

import logging

import pytest
import torch
from chat_asks import ask, film, sound
from tiny_chat_models import KINDS

from affecthub.training.asking.asks import Sound


def _asks(takes):
    """Clips of every set of media a model takes, of different lengths, two of each."""
    media = {
        frozenset(): ({}, {}),
        frozenset({"audio"}): ({"sound": sound(1.0)}, {"sound": sound(2.3, 1)}),
        frozenset({"video"}): ({"film": film(4, 2.0)}, {"film": film(7, 0.7, 1)}),
        frozenset({"audio", "video"}): (
            {"sound": sound(1.5, 2), "film": film(4, 1.0, 2)},
            {"sound": sound(0.9, 3), "film": film(4, 4.0, 3, size=(80, 60))},
        ),
    }
    return [
        ask(f"{'+'.join(sorted(kinds)) or 'words'} {number}", "Joy?" * (1 + number), **given)
        for kinds, pair in media.items()
        if kinds <= takes
        for number, given in enumerate(pair)
    ]


@pytest.mark.parametrize("kind", [*KINDS, "gemma4_unified", "llama"])
def test_a_batch_answers_as_each_clip_alone(chat, kind):
    backend = chat(kind, batch_size=8)
    asks = _asks(backend.takes)
    alone = [backend.answer([each])[0] for each in asks]
    assert not any(reply.error for reply in alone)
    assert all(reply.n_out for reply in alone)
    assert backend.answer(asks) == alone
    assert backend.answer(asks[::-1]) == alone[::-1]
    assert chat(kind, batch_size=1).answer(asks) == alone


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_is_heard_and_seen_changes_what_the_model_thinks(chat, kind):
    backend = chat(kind)

    def thought(**media):
        inputs = backend.reader.inputs(ask("c", **media))
        with torch.inference_mode():
            return backend.writer.model(**inputs).logits[0, -1]

    if "audio" in backend.takes:
        assert not torch.allclose(thought(sound=sound(1.0)), thought(sound=sound(1.0, 1)))
    if "video" in backend.takes:
        assert not torch.allclose(thought(film=film(4)), thought(film=film(4, seed=1)))


def test_no_questions_give_no_replies(chat):
    assert chat("qwen2_audio").answer([]) == []


def test_prompts_are_padded_on_the_left(chat):
    """Qwen2-Audio's own processor pads on the right, where answers would follow the padding."""
    reader = chat("qwen2_audio").reader
    clips = [reader.inputs(each) for each in (ask("a", "Joy?"), ask("b", "Joy, or sadness?"))]
    short, long = (clip["input_ids"].shape[1] for clip in clips)
    batch = reader.collate(clips)
    assert batch["attention_mask"].tolist()[0] == [0] * (long - short) + [1] * short
    assert batch["input_ids"][0, long - short :].tolist() == clips[0]["input_ids"][0].tolist()
    assert reader.tokenizer.padding_side == "left"


def test_clips_of_different_media_are_refused_in_one_batch(chat):
    reader = chat("qwen2_audio").reader
    clips = [reader.inputs(ask("a", sound=sound(1.0))), reader.inputs(ask("b"))]
    with pytest.raises(ValueError, match="a batch is of clips of the same media"):
        reader.collate(clips)


def test_what_is_wrong_with_a_clip_is_its_own(chat):
    backend = chat("qwen2_audio")
    good = ask("good", sound=sound(1.0))
    replies = backend.answer(
        [
            good,
            ask("empty", sound=sound(0.0)),
            ask("film", film=film(4)),
            ask("mark", "He said <|audio_pad|>."),
            good,
        ]
    )
    assert replies[0] == replies[4] == backend.answer([good])[0]
    assert "empty has no sound: got 0 samples" in replies[1].error
    assert "does not take video: got it with film, expected audio" in replies[2].error
    assert "got '<|audio_pad|>' in them" in replies[3].error


@pytest.mark.parametrize("kind", ["qwen2_5_omni_thinker", "qwen2_audio"])
def test_sound_longer_than_the_model_hears_is_refused_or_split(chat, kind, caplog):
    long = ask("long", sound=sound(31.0))
    (refused,) = chat(kind).answer([long])
    assert "the sound of long is too long: got 31.0 s, expected at most 30 s" in refused.error
    splitting = chat(kind, long_sound="split")
    with caplog.at_level(logging.INFO):
        (reply,) = splitting.answer([long])
    assert not reply.error
    assert "handed over in 2 pieces" in caplog.text
    # 25 tokens a second, all of 31 s.
    ids = splitting.reader.inputs(long)["input_ids"]
    assert 774 <= int((ids == splitting.reader.processor.audio_token_id).sum()) <= 776


def test_a_processor_that_does_not_cut_is_given_the_whole(chat):
    """Qwen3-Omni's has Whisper's extractor of 30 s, and does not let it cut."""
    backend = chat("qwen3_omni_moe_thinker")
    (reply,) = backend.answer([ask("long", sound=sound(31.0))])
    assert not reply.error
    assert backend.reader.hearing.tokens_per_s == 13


def test_sound_that_was_cut_all_the_same_is_found_out(chat, monkeypatch):
    """If the stated length were wrong, the number of tokens would tell."""
    backend = chat("qwen2_audio")
    monkeypatch.setitem(vars(backend.reader.hearing), "longest_s", float("inf"))
    (reply,) = backend.answer([ask("long", sound=sound(35.0))])
    assert "was cut: got 750 tokens of 35.0 s, expected about 875" in reply.error


def test_sound_of_another_rate_is_brought_to_the_models(chat):
    reader = chat("qwen2_audio").reader
    wave = sound(2.0).wave
    ids = reader.inputs(ask("c", sound=Sound(wave, 8000)))["input_ids"]
    assert int((ids == reader.processor.audio_token_id).sum()) == 100  # 4 s
