"""Faces in the model: every soft token of a mixed batch is where its sample put it."""

import pytest
import torch

QFORMERS = {"vision_pooling": "qformer", "audio_pooling": "qformer", "fusion": "qformer"}


@pytest.fixture(scope="module")
def media(clip, wave):
    """Five samples: faces and frames, frames, faces, voice alone, faces without a voice."""
    face = clip[::-1, :30, :30].copy()
    return {
        "text": ["a", "bb", "ccc", "dddd", "eeeee"],
        "videos": [clip, clip[5:], None, None, clip[9:]],
        "faces": [face, None, face[4:], None, face[2:]],
        "audio": [wave, wave[::-1].copy(), wave * 0.5 + 0.1, wave[100:], None],
    }


def embedded(model, batch) -> torch.Tensor:
    """What the language model is given."""
    seen = []

    def keep(module, args, kwargs):
        seen.append(kwargs["inputs_embeds"])

    hook = model.model.language_model.register_forward_pre_hook(keep, with_kwargs=True)
    model(**batch)
    hook.remove()
    return seen[0]


@pytest.mark.parametrize("of", ["features", "tokens"])
@pytest.mark.parametrize("parts", [{}, QFORMERS], ids=["attention", "qformer"])
def test_every_token_is_in_its_place(make_model, make_processor, media, parts, of) -> None:
    fields = {**parts, "fusion_input": of}
    model, processor = make_model(**fields), make_processor(**fields)
    batch = processor(**media)
    got = embedded(model, batch)
    ids, config = batch["input_ids"], model.config
    frames = model.get_video_features(batch["pixel_values"])
    faces = model.get_video_features(batch["face_pixel_values"])
    voices = model.get_audio_features(batch["input_values"])
    kind = "pooler_output" if of == "tokens" else "last_hidden_state"
    expected = model.get_input_embeddings()(ids).clone()
    for row in range(len(ids)):
        has_face, has_video = bool(batch["face_mask"][row]), bool(batch["video_mask"][row])
        has_audio = bool(batch["audio_mask"][row])
        tokens = {}
        if has_audio:
            tokens[config.audio_token_id] = voices.pooler_output[row]
        if has_face:
            tokens[config.face_token_id] = faces.pooler_output[row]
        if has_video:
            tokens[config.video_token_id] = frames.pooler_output[row]
        if has_audio and (has_face or has_video):
            picture = getattr(faces if has_face else frames, kind)[row : row + 1]
            voice = getattr(voices, kind)[row : row + 1]
            tokens[config.fused_token_id] = model.get_fused_features(picture, voice).pooler_output[
                0
            ]
        for token_id, values in tokens.items():
            expected[row, ids[row] == token_id] = values
    torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(got, model.get_input_embeddings()(ids))


def test_rows_of_samples_without_faces_are_never_read(make_model, processor, media) -> None:
    model = make_model()
    batch = processor(**media)
    expected = model(**batch).logits
    for key, mask in (
        ("pixel_values", "video_mask"),
        ("face_pixel_values", "face_mask"),
        ("input_values", "audio_mask"),
    ):
        batch[key][~batch[mask]] = torch.nan
    assert torch.equal(model(**batch).logits, expected)


def test_faces_alone_train_the_picture_path(make_model, processor, media) -> None:
    model = make_model().train()
    batch = processor(text="a", faces=media["faces"][0], audio=media["audio"][0], answers="joy")
    assert "pixel_values" not in batch
    model(**batch).loss.backward()
    for name in ("vision_pooler", "vision_projector", "fusion", "fusion_projector"):
        part = getattr(model.model, name)
        assert all(p.grad.abs().max() > 0 for p in part.parameters()), name


def test_faces_and_frames_share_the_tower(make_model, processor, clip) -> None:
    """The same pictures give the same vectors, as faces and as frames."""
    model = make_model()
    batch = processor(videos=clip, faces=clip)
    assert torch.equal(batch["pixel_values"], batch["face_pixel_values"])
    got = embedded(model, batch)
    ids = batch["input_ids"]
    face = got[ids == model.config.face_token_id]
    torch.testing.assert_close(face, got[ids == model.config.video_token_id])


def test_faces_may_be_fewer_where_they_need_not_line_up(make_model, make_processor, media) -> None:
    """A batch of faces alone has no frames to line up with, however many there are."""
    model, few = make_model(), make_processor(n_frames=3)
    batch = few(text="a", faces=media["faces"][0], audio=media["audio"][0])
    assert batch["face_pixel_values"].shape[1] == 3
    assert model(**batch).logits.isfinite().all()
