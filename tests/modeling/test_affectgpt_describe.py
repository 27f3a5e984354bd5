"""From a clip to an answer in one call."""

import numpy as np
import pytest
import soundfile
import torch

from affecthub.modeling.affectgpt import AffectGPTForConditionalGeneration


@pytest.fixture
def saved(model, processor, tmp_path):
    model.save_pretrained(tmp_path / "model")
    processor.save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def test_a_loaded_model_finds_its_processor(saved, write_video, tmp_path) -> None:
    model = AffectGPTForConditionalGeneration.from_pretrained(saved)
    clip = write_video(tmp_path / "clip.mp4", 12)
    answer = model.describe(clip, "description", text="I'm fine", max_new_tokens=8)
    assert "\n" not in answer
    assert answer == model.describe(str(clip), "description", text="I'm fine", max_new_tokens=8)


def test_describe_is_generate_on_what_the_file_holds(
    model, processor, write_video, tmp_path
) -> None:
    settings = {"max_new_tokens": 8, "eos_token_id": 1, "do_sample": False}
    mute = write_video(tmp_path / "mute.mp4", 12, audio_s=None)
    soundfile.write(tmp_path / "voice.wav", np.sin(np.arange(16000) / 9), 16000)
    for clip, sample in (
        (mute, {"videos": str(mute)}),
        (tmp_path / "voice.wav", {"audio": str(tmp_path / "voice.wav")}),
        ({"text": "only words"}, {"text": "only words"}),
        ({"audio": None, "video": {"path": str(mute), "bytes": None}}, {"videos": str(mute)}),
    ):
        inputs = processor(**sample)
        expected = processor.answers(model.generate(**inputs, **settings), inputs["input_ids"])[0]
        got = model.describe(clip, processor=processor, max_new_tokens=8)
        assert got == " ".join(expected.split())


def test_a_row_has_faces_and_a_pipe_is_read_once(model, processor, write_video, tmp_path) -> None:
    settings = {"processor": processor, "max_new_tokens": 4}
    faces = np.zeros((8, 30, 30, 3), np.uint8)
    row = model.describe({"faces": faces}, **settings)
    assert row == model.describe({"text": None}, faces=faces, **settings)
    clip = write_video(tmp_path / "clip.mp4", 12)

    class Pipe:
        def __init__(self) -> None:
            self.data = clip.read_bytes()

        def read(self) -> bytes:
            data, self.data = self.data, b""
            return data

    assert model.describe(Pipe(), **settings) == model.describe(clip, **settings)
    heard = processor(videos=Pipe(), audio="from_video")["input_values"]
    assert torch.equal(heard, processor(audio=str(clip))["input_values"])


def test_one_of_n(model, processor) -> None:
    row = {"text": "what a day"}
    answer = model.describe(
        row, "one_of", options=["joy", "fear"], processor=processor, max_new_tokens=4
    )
    assert isinstance(answer, str)
    with pytest.raises(ValueError, match="question and options do not fit"):
        model.describe(row, "one_of", processor=processor)


def test_generation_stops_at_the_answers_end(make_model, make_processor, monkeypatch) -> None:
    """The head is bent to say '#' always, and "##" ends an answer."""
    model, processor = make_model(answer_end="##"), make_processor(answer_end="##")
    sharp = processor.tokenizer("#")["input_ids"][0]
    logits = torch.full((262,), -50.0)
    logits[sharp] = 50.0
    monkeypatch.setattr(
        model.lm_head, "forward", lambda hidden: logits.expand(*hidden.shape[:-1], -1)
    )
    inputs = processor(text="a")
    tokens = model.generate(**inputs, max_new_tokens=20, **processor.stopping())
    assert tokens.shape[1] - inputs["input_ids"].shape[1] == 2
    assert model.describe({"text": "a"}, processor=processor, max_new_tokens=20) == ""


def test_mistakes_are_named(make_model, model, processor, make_processor, tmp_path) -> None:
    with pytest.raises(ValueError, match="the model has no processor beside it"):
        model.describe({"text": "a"})
    with pytest.raises(FileNotFoundError, match="absent.mp4"):
        model.describe(tmp_path / "absent.mp4", processor=processor)
    with pytest.raises(ValueError, match="sample 0 is empty"):
        model.describe({"text": None}, processor=processor)
    with pytest.raises(ValueError, match="unknown question: got 'mood'"):
        model.describe({"text": "a"}, "mood", processor=processor)
    other = make_processor(vision_pooling="qformer", audio_norm="clip")
    with pytest.raises(
        ValueError, match=r"do not fit: got n_tokens .*; audio_norm 'clip' and 'joint'"
    ):
        model.describe({"text": "a"}, processor=other)
