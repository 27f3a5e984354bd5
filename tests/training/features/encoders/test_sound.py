"""Speech encoders give what their layers say, alone and in company, with and without padding."""

import numpy as np
import pytest
import soundfile
import torch

SPEECH = ("hubert", "hubert-large", "wav2vec2", "wav2vec2-large", "wavlm-large")


def read(row):
    return soundfile.read(row["audio"]["path"], dtype="float32")[0]


def plain_states(encoder, samples):
    """The last four layers of some samples, by listening to the layers; the last one normed."""
    heard = []
    model = encoder.model
    hooks = [
        layer.register_forward_hook(
            lambda m, i, out: heard.append(out[0] if isinstance(out, tuple) else out)
        )
        for layer in model.encoder.layers[-4:]
    ]
    with torch.inference_mode():
        model(torch.as_tensor(samples)[None])
    for hook in hooks:
        hook.remove()
    if getattr(model.config, "do_stable_layer_norm", False):
        with torch.inference_mode():
            heard[-1] = model.encoder.layer_norm(heard[-1])
    return torch.stack([state[0] for state in heard])


def normed(wave, encoder):
    if not encoder.key["do_normalize"]:
        return wave
    return (wave - wave.mean()) / np.sqrt(wave.var() + 1e-7)


@pytest.mark.parametrize("name", SPEECH)
def test_published_is_the_sum_of_the_last_four_with_the_normed_last(built, sounds, name):
    encoder = built(name, "audio", style="merbench")
    rows = sounds(0.5, 0.31, 0.5)
    found = encoder.steps([encoder.reader(row) for row in rows])
    for row, steps in zip(rows, found, strict=True):
        states = plain_states(encoder, normed(read(row), encoder))
        torch.testing.assert_close(steps, states.sum(dim=0), atol=2e-5, rtol=1e-4)
        # What transformers 5 records as the last state would be another sum.
        assert steps.shape[0] == (len(read(row)) - 400) // 320 + 1


def test_the_last_state_of_a_large_encoder_is_not_what_transformers_records(built, sounds):
    encoder = built("hubert-large", "audio", style="merbench")
    (row,) = sounds(0.5)
    samples = torch.as_tensor(normed(read(row), encoder))[None]
    with torch.inference_mode():
        hidden = encoder.model(samples, output_hidden_states=True).hidden_states
    (steps,) = encoder.steps([encoder.reader(row)])
    assert (torch.stack(hidden[-4:]).sum(dim=0)[0] - steps).abs().max() > 0.1


def test_long_clips_are_cut_in_windows_and_filled_with_zeros_as_published(built, sounds):
    encoder = built("hubert-large", "audio", style="merbench")
    (row,) = sounds(11.5)
    (steps,) = encoder.steps([encoder.reader(row)])
    samples = np.zeros(20 * 16000, np.float32)
    samples[: round(11.5 * 16000)] = normed(read(row), encoder)
    halves = [plain_states(encoder, half).sum(dim=0) for half in np.split(samples, 2)]
    torch.testing.assert_close(steps, torch.cat(halves), atol=2e-5, rtol=1e-4)
    assert len(steps) == 2 * 499


def test_clean_windows_end_where_the_clip_does(built, sounds):
    encoder = built("hubert-large", "audio")
    rows = sounds(11.5, 10.6, 0.5)
    long, joined, short = encoder.steps([encoder.reader(row) for row in rows])
    samples = normed(read(rows[0]), encoder)
    parts = [
        plain_states(encoder, part).mean(dim=0) for part in (samples[:160000], samples[160000:])
    ]
    torch.testing.assert_close(long, torch.cat(parts), atol=2e-5, rtol=1e-4)
    # A rest of 0.6 s goes with what is before it.
    whole = plain_states(encoder, normed(read(rows[1]), encoder)).mean(dim=0)
    torch.testing.assert_close(joined, whole, atol=2e-5, rtol=1e-4)
    assert (len(long), len(short)) == (499 + 74, 24)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("last", lambda states: states[-1]),
        ("4", lambda states: states[-2]),
        ("5", lambda states: states[-1]),
        ("mean:2", lambda states: states[-2:].mean(dim=0)),
        ("sum:3", lambda states: states[-3:].sum(dim=0)),
    ],
)
def test_layers_are_chosen(built, sounds, layers, expected):
    encoder = built("hubert-large", "audio", layers=layers)
    (row,) = sounds(0.5)
    (steps,) = encoder.steps([encoder.reader(row)])
    states = plain_states(encoder, normed(read(row), encoder))
    torch.testing.assert_close(steps, expected(states), atol=2e-5, rtol=1e-4)


def test_layers_that_are_not_there_are_refused(built, sounds):
    (row,) = sounds(0.5)
    for layers in ("6", "sum:7"):
        encoder = built("hubert", "audio", layers=layers)
        with pytest.raises(ValueError, match=f"got '{layers}', but the encoder has 5 layers"):
            encoder.steps([encoder.reader(row)])
    with pytest.raises(ValueError, match=r"`layers`: got 'sum:0', expected `last`"):
        built("hubert", "audio", layers="sum:0")


def test_a_breath_is_refused(built, sounds):
    encoder = built("hubert", "audio")
    with pytest.raises(ValueError, match="too short: got 320 samples at 16000 Hz, expected at"):
        encoder.reader(sounds(0.02)[0])


def test_whisper_as_published_is_two_states_of_the_decoder(built, sounds):
    encoder = built("whisper", "audio", style="merbench")
    rows = sounds(0.5, 3.0)
    found = encoder.steps([encoder.reader(row) for row in rows])
    for row, steps in zip(rows, found, strict=True):
        mel = encoder.reader.extractor(read(row), sampling_rate=16000, return_tensors="pt")
        with torch.inference_mode():
            heard = encoder.model.encoder(mel["input_features"]).last_hidden_state
            start = torch.full((1, 2), 3)
            said = encoder.model.decoder(start, encoder_hidden_states=heard).last_hidden_state
        torch.testing.assert_close(steps, said[0], atol=1e-5, rtol=1e-4)


def test_whisper_clean_hears_the_clip_and_no_silence_after_it(built, sounds):
    encoder = built("whisper", "audio")
    rows = sounds(0.5, 3.0)
    short, long = encoder.steps([encoder.reader(row) for row in rows])
    assert type(encoder.model).__name__ == "WhisperEncoder"
    assert (len(short), len(long)) == (25, 150)
    wave = read(rows[1])
    with torch.inference_mode():
        parts = [
            encoder.model(
                encoder.reader.extractor(part, sampling_rate=16000, return_tensors="pt")[
                    "input_features"
                ]
            ).last_hidden_state[0]
            for part in (wave[:32000], wave[32000:])
        ]
    torch.testing.assert_close(long, torch.cat([parts[0], parts[1][:50]]), atol=1e-5, rtol=1e-4)
    with pytest.raises(ValueError, match="got 'mean:4' of Whisper's decoder"):
        built("whisper", "audio", style="merbench", layers="mean:4")
