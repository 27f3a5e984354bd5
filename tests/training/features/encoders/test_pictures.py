"""Image encoders give what they say of each picture, and of so many as were published."""

import numpy as np
import pytest
import torch


def pixels(encoder, row, numbers):
    """Some faces of a row as the encoder sees them."""
    faces = np.load(row["face"]["path"])[..., ::-1][numbers]
    given = [np.ascontiguousarray(face) for face in faces]
    return encoder.reader.processor(given, return_tensors="pt")["pixel_values"]


def layer_output(model, layer, values):
    """What a layer gives of pictures."""
    heard = []
    hook = layer.register_forward_hook(
        lambda m, i, out: heard.append(out[0] if isinstance(out, tuple) else out)
    )
    with torch.inference_mode():
        model(pixel_values=values)
    hook.remove()
    return heard[0]


def last_layer(name, model):
    return {
        "clip": lambda: model.vision_model.encoder.layers[-1],
        "dinov2": lambda: model.get_submodule("encoder").layer[-1],
        "data2vec": lambda: model.encoder.layer[-1],
    }[name]()


def test_clip_as_published_is_the_projected_vector_of_every_frame(built, faces):
    encoder = built("clip", "face", style="merbench")
    rows = faces(20, 3)
    found = encoder.steps([encoder.reader(row) for row in rows])
    for row, steps in zip(rows, found, strict=True):
        values = pixels(encoder, row, slice(None))
        tokens = layer_output(encoder.model, last_layer("clip", encoder.model), values)
        with torch.inference_mode():
            first = encoder.model.vision_model.post_layernorm(tokens[:, 0])
            expected = encoder.model.visual_projection(first)
        torch.testing.assert_close(steps, expected, atol=1e-5, rtol=1e-4)
        assert steps.shape == (len(values), 12)


@pytest.mark.parametrize(("name", "count"), [("dinov2", 64), ("data2vec", None)])
def test_published_sums_are_over_all_tokens_before_the_norm(built, faces, name, count):
    encoder = built(name, "face", style="merbench")
    for row, there in zip(faces(70, 3), (70, 3), strict=True):
        (steps,) = encoder.steps([encoder.reader(row)])
        numbers = list(range(there))
        if count is not None:
            numbers = np.arange(0, there, there / min(count, there)).astype(int).tolist()
            numbers += [numbers[-1]] * (count - len(numbers))
        values = pixels(encoder, row, numbers)
        tokens = layer_output(encoder.model, last_layer(name, encoder.model), values)
        torch.testing.assert_close(steps, tokens.sum(dim=1), atol=1e-4, rtol=1e-4)


def test_clean_takes_no_frame_twice_and_the_mean_after_the_norm(built, faces):
    encoder = built("dinov2", "face")
    rows = faces(70, 3)
    many, few = encoder.steps([encoder.reader(row) for row in rows])
    assert (len(many), len(few)) == (16, 3)
    values = pixels(encoder, rows[0], [i * 70 // 16 for i in range(16)])
    tokens = layer_output(encoder.model, last_layer("dinov2", encoder.model), values)
    with torch.inference_mode():
        expected = encoder.model.layernorm(tokens).mean(dim=1)
    torch.testing.assert_close(many, expected, atol=1e-5, rtol=1e-4)
    assert len(built("dinov2", "face", frames=5).reader(rows[0])) == 5
    assert len(built("dinov2", "face", frames=0).reader(rows[0])) == 70


def test_videomae_has_a_vector_for_every_two_of_sixteen_frames(built, faces):
    encoder = built("videomae", "face", style="merbench")
    for row, there in zip(faces(20, 3), (20, 3), strict=True):
        (steps,) = encoder.steps([encoder.reader(row)])
        numbers = [i * 20 // 16 for i in range(16)] if there == 20 else [0, 1, *[2] * 14]
        film = pixels(encoder, row, numbers)
        assert film.shape == (1, 16, 3, 28, 28)
        with torch.inference_mode():
            last = encoder.model(pixel_values=film).last_hidden_state[0]
        expected = torch.stack([last[4 * i : 4 * i + 4].mean(dim=0) for i in range(8)])
        torch.testing.assert_close(steps, expected, atol=1e-5, rtol=1e-4)


def test_where_no_face_was_found_there_is_nothing(built, faces):
    assert built("clip", "face").reader(faces(0)[0]) is None


def test_what_does_not_fit_pictures_is_refused(built):
    with pytest.raises(ValueError, match="Choose `tokens` instead"):
        built("clip", "face", layers="sum:4")
    with pytest.raises(ValueError, match="unknown tokens of a picture: got 'all', expected one of"):
        built("clip", "face", tokens="all")
    with pytest.raises(
        ValueError, match="Dinov2Model gives no vector of a picture as `tokens` 'pr"
    ):
        built("dinov2", "face", tokens="projection")
    with pytest.raises(ValueError, match="takes films of 16 frames"):
        built("videomae", "face", frames=8)
    with pytest.raises(ValueError, match="`tokens` and `frames` are of pictures"):
        built("bert", "text", frames=8)


def test_models_of_timm_or_what_they_need(built, faces, tmp_path):
    """Where timm is absent, its absence is told; where it is there, it is run."""
    import json

    folder = tmp_path / "eva02"
    folder.mkdir()
    config = {
        "architecture": "eva02_tiny_patch14_224",
        "num_classes": 0,
        "pretrained_cfg": {
            "input_size": [3, 28, 28],
            "crop_pct": 0.9,
            "interpolation": "bicubic",
            "mean": [0.5, 0.4, 0.3],
            "std": [0.2, 0.3, 0.4],
        },
        "model_args": {"img_size": 28, "depth": 2},
    }
    (folder / "config.json").write_text(json.dumps(config))
    try:
        import timm
    except ImportError:
        with pytest.raises(ImportError, match="encoder 'eva02': .*timm.* which must be the one"):
            built(str(folder), "face")
        return
    from safetensors.torch import save_file

    torch.manual_seed(0)
    plain = timm.create_model("eva02_tiny_patch14_224", num_classes=0, img_size=28, depth=2).eval()
    save_file(plain.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    encoder = built(str(folder), "face", style="merbench")
    (row,) = faces(5)
    (steps,) = encoder.steps([encoder.reader(row)])
    with torch.inference_mode():
        torch.testing.assert_close(steps, plain(pixels(encoder, row, slice(None))))


def test_pictures_of_timm_are_resized_cropped_and_normalised():
    from PIL import Image

    from affecthub.training.features.encoders.timm_pictures import TimmPictures

    prepare = TimmPictures(28, 0.9, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4), "bicubic")
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    found = prepare([picture])["pixel_values"]
    # The shorter side becomes 31, of which 28 are kept about the middle.
    small = np.asarray(Image.fromarray(picture).resize((46, 31), Image.Resampling.BICUBIC))
    part = small[2:30, 9:37] / 255
    expected = (part - [0.5, 0.4, 0.3]) / [0.2, 0.3, 0.4]
    assert found.shape == (1, 3, 28, 28)
    np.testing.assert_allclose(found[0].numpy(), expected.transpose(2, 0, 1), atol=1e-5)
