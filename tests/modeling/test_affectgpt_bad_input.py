"""Whatever a user hands over ends in finite logits or in an error that says what to do."""

import av
import numpy as np
import pytest
import soundfile
import torch
from peft import LoraConfig, get_peft_model

from affecthub.modeling.affectgpt.convert_adapters import attach_adapter
from affecthub.modeling.affectgpt.modeling_language import fusion_modules, lora_target_modules


def tone(rate_hz: int, channels: int = 1, seconds: float = 1.0) -> np.ndarray:
    wave = 0.3 * np.sin(2 * np.pi * 220 * np.arange(int(rate_hz * seconds)) / rate_hz)
    return np.repeat(wave[:, None].astype(np.float32), channels, axis=1)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 44100, 48000, 96000, 192000])
def test_any_sample_rate_sounds_the_same(model, processor, rate_hz, tmp_path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(rate_hz), rate_hz)
    batch = processor(audio=str(tmp_path / "a.wav"))
    reference = processor(audio=(tone(16000)[:, 0], 16000))
    # The ends differ by the resampler's filter.
    inner = slice(1000, 15000)
    got, expected = (b["input_values"][0, 0, inner] for b in (batch, reference))
    torch.testing.assert_close(got, expected, atol=0.05, rtol=0)
    assert model(**batch).logits.isfinite().all()


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
def test_any_number_of_channels_is_averaged(processor, channels, tmp_path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(16000, channels), 16000, subtype="FLOAT")
    got = processor(audio=str(tmp_path / "a.wav"))["input_values"]
    torch.testing.assert_close(got, processor(audio=tone(16000)[:, 0])["input_values"])


def test_silence_is_no_fault(model, processor) -> None:
    batch = processor(audio=np.zeros(40000, np.float32))
    assert not batch["input_values"].any()
    assert model(**batch).logits.isfinite().all()


@pytest.mark.parametrize(
    ("wave", "message"),
    [
        (np.zeros(0, np.float32), "audio.*has no audio: got 0 samples"),
        (np.array([0.0, np.nan, 0.5], np.float32), "audio.*1 samples? .*not finite"),
        (np.array([0.0, np.inf], np.float32), "not finite"),
    ],
)
def test_unusable_sound_is_refused_by_sample(processor, wave, message) -> None:
    with pytest.raises(ValueError, match=message):
        processor(audio=[np.ones(100, np.float32), wave])


def test_one_frame_and_4k_are_videos(model, processor, tmp_path) -> None:
    path = tmp_path / "4k.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=1)
        stream.width, stream.height, stream.pix_fmt = 3840, 2160, "yuv420p"
        picture = np.full((2160, 3840, 3), 90, np.uint8)
        for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
            container.mux(packet)
        container.mux(stream.encode())
    batch = processor(videos=str(path))
    assert batch["pixel_values"].shape == (1, 8, 3, 56, 56)
    assert batch["pixel_values"].std(dim=1).max() == 0
    assert model(**batch).logits.isfinite().all()


def test_a_mute_video_says_so_and_describe_does_without(
    model, processor, write_video, tmp_path
) -> None:
    mute = write_video(tmp_path / "mute.mp4", 10, audio_s=None)
    with pytest.raises(ValueError, match=r"mute.mp4 has no audio stream"):
        processor(videos=str(mute), audio="from_video")
    assert isinstance(model.describe(mute, processor=processor, max_new_tokens=2), str)


def test_an_adapter_does_not_go_on_another_base(make_model, tmp_path) -> None:
    base = make_model()
    lora = LoraConfig(
        r=2, target_modules=lora_target_modules(base), modules_to_save=fusion_modules(base)
    )
    get_peft_model(base, lora).save_pretrained(tmp_path)
    attach_adapter(make_model(), tmp_path)
    for other in ({"text_config": {"hidden_size": 64}}, {"fusion_dim": 32}):
        with pytest.raises(
            ValueError, match=r"the adapters in .* do not fit .*: got .* \(expected"
        ):
            attach_adapter(make_model(**other), tmp_path)
