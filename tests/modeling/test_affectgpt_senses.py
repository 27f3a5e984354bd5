"""Faces beside or in place of frames, and modalities left out while training."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from affecthub.modeling.affectgpt import AffectGPTProcessor, FaceCropper, FaceFolder

FACES_ONLY = ["{fused}", "{audio}", "F{face} ", "{text} ", "{question}"]


@pytest.fixture(scope="module")
def cropper() -> FaceCropper:
    """Finds a face in the left upper quarter of every frame but the darkest."""

    def detect(frame: np.ndarray) -> np.ndarray:
        height, width = frame.shape[:2]
        boxes = [[0, 0, width // 2, height // 2]] if frame.mean() > 1 else []
        return np.array(boxes).reshape(-1, 4)

    return FaceCropper(size=56, margin=0, detector=detect)


@pytest.fixture
def for_faces(make_config, make_tokenizer) -> AffectGPTProcessor:
    config = make_config(prompt=FACES_ONLY, questions={"labels": "?"})
    return AffectGPTProcessor.from_config(config, make_tokenizer())


def test_faces_come_beside_frames(model, processor, clip, wave, cropper) -> None:
    batch = processor(videos=clip, audio=wave, faces=cropper)
    assert batch["face_pixel_values"].shape == batch["pixel_values"].shape == (1, 8, 3, 56, 56)
    assert not torch.equal(batch["face_pixel_values"], batch["pixel_values"])
    prompt = processor.tokenizer.decode(batch["input_ids"][0])
    assert [prompt.count(f"<|{kind}|>") for kind in ("fused", "audio", "face", "video")] == [1] * 4
    assert model(**batch).logits.isfinite().all()
    quarter = clip[:, :20, :30]
    given = processor(videos=clip, audio=wave, faces=quarter)
    assert given["face_mask"].tolist() == [True]
    assert set(given) == set(batch)


def test_without_faces_the_frames_serve(processor, clip) -> None:
    batch = processor(videos=clip)
    assert "face_pixel_values" not in batch
    assert "<|face|>" not in processor.tokenizer.decode(batch["input_ids"][0])


def test_a_prompt_of_faces_cuts_them_out_by_itself(make_model, for_faces, clip, wave) -> None:
    """No face is in noise: whole frames stand in, and the flag says so."""
    pytest.importorskip("cv2")
    batch = for_faces(videos=clip, audio=wave, return_face_found=True)
    assert not batch.pop("face_found").any()
    assert "pixel_values" not in batch
    assert for_faces.tokenizer.decode(batch["input_ids"][0]).count("<|face|>") == 1
    assert make_model(prompt=FACES_ONLY)(**batch).logits.isfinite().all()


def test_a_prompt_of_faces_cuts_out_those_that_a_list_lacks(for_faces, clip) -> None:
    pytest.importorskip("cv2")
    faces = np.ascontiguousarray(clip[:, :20, :20])
    batch = for_faces(videos=[clip, clip, None], faces=[faces, None, None], text=["a", "b", "c"])
    assert batch["face_mask"].tolist() == [True, True, False]
    alone = for_faces(videos=clip)["face_pixel_values"][0]
    assert torch.equal(batch["face_pixel_values"][1], alone)


def test_some_samples_have_faces_and_some_frames(model, processor, clip, wave, cropper) -> None:
    faces = [np.ascontiguousarray(clip[:, :20, :20]), None, None]
    batch = processor(videos=[None, clip, None], faces=faces, audio=[wave, wave, wave])
    assert batch["face_mask"].tolist() == [True, False, False]
    assert batch["video_mask"].tolist() == [False, True, False]
    together = model(**batch).logits
    for row in range(3):
        alone = processor(
            videos=[[None, clip, None][row]], faces=[faces[row]], audio=[wave], padding_side="left"
        )
        expected = model(**alone).logits[0, -1]
        torch.testing.assert_close(together[row, -1], expected, atol=1e-4, rtol=1e-4)


def test_found_is_false_where_the_frame_stands_in(processor, clip, cropper) -> None:
    dark = np.zeros_like(clip)
    batch = processor(videos=[clip, dark], faces=cropper, return_face_found=True)
    assert batch["face_found"][0].all() and not batch["face_found"][1].any()
    # The whole frame, as the frames' own pixels.
    torch.testing.assert_close(batch["face_pixel_values"][1], batch["pixel_values"][1])


def test_channel_order_swaps_the_faces_alone(make_processor, clip) -> None:
    faces = np.zeros((8, 56, 56, 3), np.uint8)
    faces[..., 0] = 255
    rgb = make_processor()(videos=clip, faces=faces)
    bgr = make_processor(face_channel_order="bgr")(videos=clip, faces=faces[..., ::-1].copy())
    torch.testing.assert_close(rgb["face_pixel_values"], bgr["face_pixel_values"])
    assert torch.equal(rgb["pixel_values"], bgr["pixel_values"])


@pytest.mark.parametrize("layout", ["flat", "nested"])
def test_folder_of_faces_is_found_by_the_videos_name(
    processor, write_video, tmp_path, layout
) -> None:
    video = write_video(tmp_path / "clip_7.mp4", 12)
    red = np.zeros((5, 56, 56, 3), np.uint8)
    red[..., 2] = 255  # as OpenCV writes red
    folder = tmp_path / "faces" / ("clip_7" if layout == "nested" else "")
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "clip_7.npy", red)
    where = FaceFolder(tmp_path / "faces", channel_order="bgr")
    got = processor(videos=str(video), faces=where)["face_pixel_values"]
    expected = processor(videos=str(video), faces=red[..., ::-1].copy())["face_pixel_values"]
    assert torch.equal(got, expected)
    with pytest.raises(FileNotFoundError, match="clip_8"):
        processor(videos=[{"path": "clip_8.mp4", "bytes": b""}], faces=where)
    with pytest.raises(ValueError, match="no name to look for"):
        processor(videos=red, faces=where)


def test_faces_without_a_place_or_a_video_are_refused(make_processor, processor, clip, cropper):
    plain = make_processor(prompt=["{video}", "{question}"], questions={"labels": "?"})
    with pytest.raises(ValueError, match="faces have no place"):
        plain(videos=clip, faces=clip)
    with pytest.raises(ValueError, match="nothing to find faces in: got FaceCropper"):
        processor(text="a", faces=cropper)


def test_modality_dropout_keeps_one_and_its_places(model, processor, clip, wave, cropper) -> None:
    sample = {"text": "a", "videos": clip, "audio": wave, "answers": "joy"}
    seen = set()
    for seed in range(80):
        batch = processor(**sample, modality_dropout=0.6, seed=seed)
        kept = ("pixel_values" in batch, "input_values" in batch)
        text = '"a"' in processor.tokenizer.decode(batch["input_ids"][0])
        assert any((*kept, text))
        seen.add((*kept, text))
        if len(seen) < 4:
            assert model(**batch).loss.isfinite()
    assert len(seen) == 7  # every subset but the empty one
    again = processor(**sample, modality_dropout=0.6, seed=3)
    assert torch.equal(
        again["input_ids"], processor(**sample, modality_dropout=0.6, seed=3)["input_ids"]
    )
    videos, texts = [clip, clip], ["a", "b"]
    for seed in range(8):  # faces are found in the videos, and dropped apart from them
        processor(videos=videos, faces=cropper, text=texts, modality_dropout=0.9, seed=seed)
    assert texts == ["a", "b"] and all(video is clip for video in videos)
    everything = processor(**sample, modality_dropout=0.0)
    assert {"pixel_values", "input_values"} <= set(everything)
    with pytest.raises(ValueError, match=r"`modality_dropout` is no chance: got 1.5"):
        processor(**sample, modality_dropout=1.5)


def test_pictures_of_every_kind_give_the_same_tensors(processor, clip) -> None:
    expected = processor(videos=clip)["pixel_values"]
    pictures = [Image.fromarray(frame) for frame in clip]
    ImageDraw.Draw(pictures[-1])  # the very last frame is never taken
    for same in (torch.from_numpy(clip), pictures):
        assert torch.equal(processor(videos=[same])["pixel_values"], expected)


def test_face_of_a_corpus_row_is_read_in_its_own_colour_order(processor, for_faces, tmp_path):
    blue_first = np.zeros((9, 56, 56, 3), np.uint8)
    blue_first[..., 2] = 255  # red, as OpenCV writes it
    np.save(tmp_path / "a.npy", blue_first)
    expected = processor(faces=blue_first[..., ::-1].copy())["face_pixel_values"]
    path = {"path": str(tmp_path / "a.npy"), "bytes": None}
    packed = {"path": "a.npy", "bytes": (tmp_path / "a.npy").read_bytes()}
    for face in (path, packed):
        row = {"text": "a", "face": face}
        assert torch.equal(processor.read(row)["face_pixel_values"], expected)
        assert torch.equal(for_faces.read(row)["face_pixel_values"], expected)
    row["face"] = {"path": "a.npy", "bytes": b"not an array"}
    with pytest.raises(ValueError, match="the npy cannot be read"):
        processor.read(row)
