"""One file gives the same pictures and sound whichever door it comes through."""

import csv
import io

import av
import numpy as np
import pytest
import torch
from corpus_trees.media import clip_video
from PIL import Image

import affecthub
from affecthub.media import cut_video, load_frames, load_waveform, probe, tracks_of
from affecthub.modeling.affectgpt import AffectGPTForConditionalGeneration, AffectGPTProcessor

RATE = 16000


def song_with_a_cover(path):
    """An mp3 whose cover picture stands in it as a stream of video, as players show it."""
    cover = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(cover, "PNG")
    with av.open(str(path), "w") as container:
        sound = container.add_stream("libmp3lame", rate=RATE)
        sound.layout = "mono"
        picture = container.add_stream("png", rate=1)
        picture.width, picture.height, picture.pix_fmt = 16, 16, "rgb24"
        picture.disposition = av.stream.Disposition.attached_pic
        wave = np.sin(np.arange(RATE, dtype=np.float32) / 9)[None] / 2
        frame = av.AudioFrame.from_ndarray(wave, "fltp", "mono")
        frame.sample_rate = RATE
        packet = av.Packet(cover.getvalue())
        packet.stream, packet.pts, packet.dts = picture, 0, 0
        container.mux(packet)
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))


def rotated_film(path):
    """A film that a player turns by a quarter."""
    data = clip_video(3)
    at = data.index(b"tkhd") + 44  # behind the name, the times, the layer and the volume
    matrix = [0, 1, 0, -1, 0, 0, 0, 0, 16384]
    turn = b"".join((65536 * number).to_bytes(4, "big", signed=True) for number in matrix)
    path.write_bytes(data[:at] + turn + data[at + 36 :])


def plain_film(path):
    path.write_bytes(clip_video(5))


def mutated_film(path):
    """A film with one stored picture overwritten; its sound and its index stay as they were."""
    data = bytearray(clip_video(7))
    with av.open(io.BytesIO(bytes(data))) as container:
        stored = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    at, size = stored[len(stored) // 2]
    data[at + 4 : at + size] = b"\xff" * (size - 4)
    path.write_bytes(data)


FILES = {
    "song.mp3": song_with_a_cover,
    "phone.mp4": rotated_film,
    "film.mp4": plain_film,
    "broken.mp4": mutated_film,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files with a table, as a user has them."""
    root = tmp_path_factory.mktemp("doors")
    for name, write in FILES.items():
        write(root / name)
    with open(root / "table.csv", "w", newline="") as file:
        rows = [("file", "transcript", "emotion"), *((name, "well", "joy") for name in FILES)]
        csv.writer(file).writerows(rows)
    return root


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A tiny model and its processor, saved."""
    from affecthub.training.model import from_scratch
    from affecthub.training.recipe import load_recipe

    recipe = load_recipe("demo")
    torch.manual_seed(0)
    model, processor = from_scratch(
        recipe.scratch, ["well, hello there", "joy", "anger"], freeze_towers=True
    )
    out = tmp_path_factory.mktemp("model")
    model.save_pretrained(out)
    processor.save_pretrained(out)
    return out


@pytest.fixture(scope="module")
def processor(saved):
    return AffectGPTProcessor.from_pretrained(saved)


@pytest.fixture(scope="module")
def rows(folder, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    loaded = affecthub.load_dataset("folder", data_dir=folder, split="train", cache_dir=cache)
    return {row["id"]: row for row in loaded}


def row_of(rows, name):
    return rows[name.rpartition(".")[0]]


@pytest.mark.parametrize("name", FILES)
def test_every_door_sees_and_hears_the_same(name, folder, rows, processor):
    path, row = folder / name, row_of(rows, name)
    side = processor.image_processor.size["height"]
    kinds = tracks_of(path)
    assert kinds == ({"audio"} if name == "song.mp3" else {"audio", "video"})
    assert (probe(path).has_audio, probe(path).has_video) == (True, "video" in kinds)
    read = processor.read(path)
    # A row's media, read as an export and as training read them.
    given = {"audio": row["audio"], "video": row["video"], "text": None}
    of_row = processor.read(given)
    assert set(read) == set(of_row)
    for key in read:
        torch.testing.assert_close(read[key], of_row[key], rtol=0, atol=0)
    np.testing.assert_array_equal(load_waveform(path), load_waveform(row["audio"]))
    if "video" not in kinds:
        assert row["video"] is None and "pixel_values" not in read
        return
    frames = load_frames(path, processor.n_frames, size=side)
    expected = np.stack(processor.image_processor(list(frames))["pixel_values"])
    np.testing.assert_array_equal(read["pixel_values"][0].numpy(), expected)


def test_a_rotated_film_stands_upright_at_every_door(folder):
    path = folder / "phone.mp4"
    height, width = load_frames(path, 1).shape[1:3]
    lying = load_frames(clip_video(3), 1)
    assert (width, height) == lying.shape[1:3]
    cut = cut_video(path, start_s=0.0, end_s=0.3)
    assert load_frames(cut, 1).shape[1:3] == (height, width)
    spanned = load_frames(path, 1, start_s=0.0, end_s=0.3)
    np.testing.assert_array_equal(spanned, np.rot90(lying, -1, axes=(1, 2)))


def test_a_span_is_the_same_frames_as_of_the_whole(folder):
    path = folder / "film.mp4"
    span = {"start_s": 0.2, "end_s": 0.6}
    fps, n = probe(path).fps, probe(path).n_frames
    every = load_frames(path, n)
    first = int(0.2 * fps + 1e-6)
    np.testing.assert_array_equal(load_frames(path, 1, **span)[0], every[first])
    part = {"crop": (0.0, 0.0, 0.5, 1.0)}
    half = load_frames(path, 1, **span, **part)
    np.testing.assert_array_equal(half, load_frames(path, 1, **span)[:, :, : half.shape[2]])


@pytest.mark.parametrize("name", FILES)
def test_files_are_answered_as_describe_answers(name, folder, saved):
    from affecthub.training.predict import predict_files

    path = str(folder / name)
    model = AffectGPTForConditionalGeneration.from_pretrained(saved)
    said = model.describe(path, max_new_tokens=8)
    answers = predict_files(saved, [path], max_new_tokens=8)
    assert " ".join(answers[path].split()) == said


def test_a_film_is_opened_once_per_call(folder, processor, monkeypatch):
    calls = []
    plain = av.open

    def counted(*args, **kwargs):
        calls.append(args)
        return plain(*args, **kwargs)

    monkeypatch.setattr(av, "open", counted)
    processor.read(folder / "film.mp4")
    assert len(calls) == 1
