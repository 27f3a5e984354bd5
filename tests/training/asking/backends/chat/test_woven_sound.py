"""Sound that is woven into films: right as we do it, and wrong without an error as one might."""

import pytest
import torch
from chat_asks import ask, film, sound

KINDS = ["qwen2_5_omni_thinker", "qwen3_omni_moe_thinker"]


def _logits(backend, asks, **flags):
    reader = backend.reader
    batch = reader.collate([reader.inputs(each) for each in asks])
    with torch.inference_mode():
        return backend.writer.model(**batch, **flags).logits[:, -1]


@pytest.fixture
def heard():
    return ask("heard", sound=sound(4.0), film=film(8, 2.0))


@pytest.fixture
def silent():
    return ask("silent", film=film(8, 2.0, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_sound_is_laid_out_between_the_frames(chat, kind, heard):
    backend = chat(kind, sound="in_video")
    ids = backend.reader.inputs(heard)["input_ids"][0]
    video, audio = (
        backend.reader.processor.video_token_id,
        backend.reader.processor.audio_token_id,
    )
    order = [each for each in ids.tolist() if each in (video, audio)]
    turns = sum(a != b for a, b in zip(order, order[1:], strict=False))
    assert turns >= 3, "film and sound take turns"
    slots = chat(kind).reader.inputs(heard)["input_ids"][0].tolist()
    order = [each for each in slots if each in (video, audio)]
    assert sum(a != b for a, b in zip(order, order[1:], strict=False)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_models_flag_is_not_to_be_left_out(chat, kind, heard):
    """Nothing complains of it; the positions differ, and with them what the model thinks."""
    backend = chat(kind, sound="in_video")
    right = _logits(backend, [heard], use_audio_in_video=True)
    assert not torch.allclose(right, _logits(backend, [heard]), atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_silent_clip_among_sounding_ones_would_go_wrong(chat, kind, heard, silent):
    """One batch of both, with the flag that one of them needs: the silent one is another's."""
    backend = chat(kind, sound="in_video")
    reader = backend.reader
    a, b = reader.inputs(heard), reader.inputs(silent)
    missing = {name: a[name][:0] for name in a.keys() - b.keys()}
    batch = reader.collate([a, b | missing])
    with torch.inference_mode():
        mixed = backend.writer.model(**batch, use_audio_in_video=True).logits[:, -1]
    assert torch.allclose(
        mixed[0], _logits(backend, [heard], use_audio_in_video=True)[0], atol=1e-4
    )
    assert not torch.allclose(mixed[1], _logits(backend, [silent])[0], atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_backend_keeps_them_apart(chat, kind, heard, silent):
    backend = chat(kind, sound="in_video", batch_size=8)
    alone_heard = ask("alone", sound=sound(2.0, 4))
    asks = [heard, silent, alone_heard, heard, silent]
    asked = []
    generate = backend.writer.model.generate

    def noted(**inputs):
        asked.append((len(inputs["input_ids"]), inputs.get("use_audio_in_video", False)))
        return generate(**inputs)

    backend.writer.model.generate = noted
    try:
        replies = backend.answer(asks)
    finally:
        del backend.writer.model.generate
    assert asked == [(2, True), (2, False), (1, False)]
    assert replies == [backend.answer([each])[0] for each in asks]
    assert replies[0] == replies[3]


def test_long_sound_in_a_film_is_never_split(chat):
    backend = chat("qwen2_5_omni_thinker", sound="in_video", long_sound="split")
    (reply,) = backend.answer([ask("long", sound=sound(31.0), film=film(4, 0.13))])
    assert 'woven into a film cannot be split: pass `sound="slot"`' in reply.error


@pytest.mark.parametrize("kind", ["qwen2_audio", "qwen3_vl"])
def test_other_models_cannot_weave(chat, kind):
    with pytest.raises(ValueError, match="cannot be woven into films for this model"):
        chat(kind, sound="in_video")
