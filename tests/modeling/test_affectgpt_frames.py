"""The same frames however a video is given and found; what is odd about a file does not matter."""

import io
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
import torch
from PIL import Image

from affecthub.modeling.affectgpt import media_seeking
from affecthub.modeling.affectgpt.media_tracks import (
    frame_indices,
    load_frames,
    load_frames_in_sizes,
)

N_FRAMES = 50
# Frame i is shown at tick i of a film of 10 frames per second, or at one of these 1,000ths.
IRREGULAR = np.cumsum(np.random.default_rng(1).integers(20, 400, N_FRAMES)).tolist()
B_FRAMES = {"bf": "3", "b_strategy": "0"}


def pictures(height: int, width: int, n_frames: int = N_FRAMES) -> list[np.ndarray]:
    """Make a texture that moves, so that no two frames are the same."""
    texture = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    texture = texture.repeat(height // 8, axis=0).repeat(width // 8, axis=1)
    step = max(1, height // 24)
    return [
        np.ascontiguousarray(texture[step * i : step * i + height, i : i + width])
        for i in range(n_frames)
    ]


def write_film(
    path: Path,
    codec: str = "libx264",
    gop: int = 20,
    codec_options: dict[str, str] | None = None,
    file_options: dict[str, str] | None = None,
    times: list[int] | None = None,
    frames: list[np.ndarray] | None = None,
    shift: int = 0,
) -> Path:
    frames = pictures(48, 64) if frames is None else frames
    with av.open(str(path), "w", options=file_options or {}) as container:
        stream = container.add_stream(codec, rate=10, options=codec_options or {})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.gop_size = "yuv420p", gop
        if times:
            stream.codec_context.time_base = Fraction(1, 1000)
        for i, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            if times:
                frame.pts, frame.time_base = times[i], Fraction(1, 1000)
            mux(container, stream.encode(frame), shift)
        mux(container, stream.encode(), shift)
    return path


def mux(container: Any, packets: list[Any], shift: int) -> None:
    for packet in packets:
        if shift:
            packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
        container.mux(packet)


def every_frame(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])


@pytest.fixture
def decodes_through(monkeypatch) -> list[bool]:
    """Grow by one each time that a film is decoded from its beginning on."""
    calls = []
    plain = media_seeking._in_order

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(kwargs["by_time"])
        return plain(*args, **kwargs)

    monkeypatch.setattr(media_seeking, "_in_order", counted)
    return calls


X264 = "libx264"
FILMS = {
    "a key frame each": ("film.mp4", X264, 1, {}),
    "every 2 s": ("film.mp4", X264, 20, {"bf": "0"}),
    "every 2 s, B-frames": ("film.mp4", X264, 20, B_FRAMES),
    "one in 10 s, B-frames": ("film.mp4", X264, 100, B_FRAMES),
    "every second, B-frames across them": (
        "film.mp4",
        X264,
        10,
        {"x264-params": "open-gop=1:bframes=3:b-adapt=0:scenecut=0"},
    ),
    "no count of frames": ("film.mkv", X264, 20, B_FRAMES),
    "key frames close together": ("film.mkv", X264, 2, B_FRAMES),
    "VP9": ("film.webm", "libvpx-vp9", 20, {"deadline": "realtime", "cpu-used": "8"}),
    "MPEG-4": ("film.mp4", "mpeg4", 12, {"bf": "2"}),
}


@pytest.mark.parametrize("irregular", [False, True], ids=["even", "irregular"])
@pytest.mark.parametrize("film", FILMS)
def test_seeking_gives_what_decoding_every_frame_gives(
    film, irregular, tmp_path, decodes_through
) -> None:
    file, codec, gop, options = FILMS[film]
    times = IRREGULAR if irregular else None
    path = write_film(tmp_path / file, codec, gop, options, times=times)
    all_frames = every_frame(path)
    assert len(all_frames) == N_FRAMES
    for n in (1, 8, 13, N_FRAMES, N_FRAMES + 3):
        expected = all_frames[frame_indices(N_FRAMES, n)]
        np.testing.assert_array_equal(load_frames(path, n), expected)
    assert not decodes_through


@pytest.mark.parametrize("irregular", [False, True], ids=["even", "irregular"])
def test_films_that_seeking_does_not_suit_are_decoded_through(
    irregular, tmp_path, decodes_through
) -> None:
    # The picture is refreshed stripe by stripe: a decoder that begins at a mark shows nothing good.
    options = {"x264-params": "intra-refresh=1:keyint=15"}
    times = IRREGULAR if irregular else None
    path = write_film(tmp_path / "film.mp4", codec_options=options, times=times)
    expected = every_frame(path)[frame_indices(N_FRAMES, 8)]
    np.testing.assert_array_equal(load_frames(path, 8), expected)
    assert decodes_through == [True]


@pytest.mark.parametrize(
    ("file", "codec", "options"),
    [
        ("film.avi", "mpeg4", {"bf": "2"}),
        ("film.avi", X264, B_FRAMES),
        ("film.ts", X264, B_FRAMES),
        ("film.flv", X264, B_FRAMES),
    ],
)
def test_containers_without_times_to_trust(file, codec, options, tmp_path, decodes_through) -> None:
    path = write_film(tmp_path / file, codec, 12, options)
    all_frames = every_frame(path)
    expected = all_frames[frame_indices(len(all_frames), 8)]
    np.testing.assert_array_equal(load_frames(path, 8), expected)
    assert decodes_through == [False]


def test_frames_are_counted_in_the_file_not_in_its_header(tmp_path) -> None:
    in_parts = write_film(
        tmp_path / "film.mp4", file_options={"movflags": "frag_keyframe+empty_moov"}
    )
    wrong = write_film(tmp_path / "film.avi", "mpeg4", 12)
    data = wrong.read_bytes()
    # "strh" is followed by its size and 32 bytes of other fields; then comes the length.
    at = data.index(b"strh") + 40
    assert int.from_bytes(data[at : at + 4], "little") == N_FRAMES
    wrong.write_bytes(data[:at] + (999).to_bytes(4, "little") + data[at + 4 :])
    for path, header in ((in_parts, 0), (wrong, 999)):
        with av.open(str(path)) as container:
            assert container.streams.video[0].frames == header
        expected = every_frame(path)[frame_indices(N_FRAMES, 8)]
        np.testing.assert_array_equal(load_frames(path, 8), expected)


def test_frames_before_the_beginning_do_not_count(tmp_path) -> None:
    # A film cut without encoding it again begins inside of a group; players hide its first frames.
    path = write_film(
        tmp_path / "cut.mp4",
        gop=25,
        codec_options={"bf": "0"},
        file_options={"avoid_negative_ts": "disabled", "use_editlist": "1"},
        shift=-12,
    )
    shown = every_frame(path)
    assert len(shown) == N_FRAMES - 12
    np.testing.assert_array_equal(load_frames(path, 8), shown[frame_indices(len(shown), 8)])


def test_every_form_of_a_video_gives_the_same(tmp_path) -> None:
    path = write_film(tmp_path / "film.mp4")
    data = path.read_bytes()
    all_frames = every_frame(path)
    expected = all_frames[frame_indices(N_FRAMES, 8)]
    with av.open(str(path)) as container:
        decoded = list(container.decode(video=0))
    tensor = torch.from_numpy(all_frames)
    pipe = SimpleNamespace(read=io.BytesIO(data).read)
    read_before = io.BytesIO(data)
    read_before.read(100)
    forms = {
        "path": path,
        "text": str(path),
        "bytes": data,
        "bytearray": bytearray(data),
        "file": read_before,
        "pipe": pipe,
        "row with a path": {"bytes": None, "path": str(path)},
        "row with bytes": {"bytes": data, "path": "gone.mp4"},
        "PyAV frames": decoded,
        "PIL images": [Image.fromarray(frame) for frame in all_frames],
        "arrays": tuple(all_frames),
        "array": all_frames,
        "tensor": tensor,
        "tensor, channels first": tensor.permute(0, 3, 1, 2),
        "tensors, channels first": list(tensor.permute(0, 3, 1, 2)),
    }
    for form, video in forms.items():
        np.testing.assert_array_equal(load_frames(video, 8), expected, err_msg=form)
    with path.open("rb") as file:
        np.testing.assert_array_equal(load_frames(file, 8), expected)
        assert not file.closed


@pytest.mark.parametrize("in_memory", [False, True])
def test_container_stays_where_it_is(in_memory, tmp_path) -> None:
    path = write_film(tmp_path / "film.mp4")
    expected = every_frame(path)[frame_indices(N_FRAMES, 8)]
    with av.open(io.BytesIO(path.read_bytes()) if in_memory else str(path)) as container:
        frames = container.decode(video=0)
        first = [next(frames).pts for _ in range(5)]
        for _ in range(2):
            np.testing.assert_array_equal(load_frames(container, 8), expected)
        assert len({*first, *(frame.pts for frame in frames)}) == N_FRAMES


class FakeVideoDecoder:
    """What a torchcodec decoder offers."""

    def __init__(self, frames: torch.Tensor) -> None:
        self.frames = frames
        self.asked: list[int] = []

    def __len__(self) -> int:
        return len(self.frames)

    def get_frames_at(self, indices: list[int]) -> SimpleNamespace:
        self.asked += indices
        return SimpleNamespace(data=self.frames[indices])


@pytest.mark.parametrize("order", [(0, 3, 1, 2), (0, 1, 2, 3)])
def test_decoder_of_torchcodec_is_asked_for_the_frames(order) -> None:
    frames = np.stack(pictures(48, 64, 5))
    decoder = FakeVideoDecoder(torch.from_numpy(frames).permute(order))
    np.testing.assert_array_equal(load_frames(decoder, 8), frames[[0, 1, 2, 3, 4, 4, 4, 4]])
    assert decoder.asked == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="video has no video: got 0 frames"):
        load_frames(FakeVideoDecoder(torch.zeros(0, 3, 8, 8)), 8)


def test_size_is_height_and_width_or_a_square(tmp_path) -> None:
    path = write_film(tmp_path / "film.mp4")
    full = load_frames(path, 3)
    assert load_frames(path, 3, size=24).shape == (3, 24, 24, 3)
    assert load_frames(path, 3, size=(24, 32)).shape == (3, 24, 32, 3)
    np.testing.assert_array_equal(load_frames(path, 3, size=(48, 64)), full)
    # The picture of another library, up to its filter and the coarse colours of a film; where both
    # are put one pixel beside each other, the brightness differs by 10 levels and more.
    expected = [np.asarray(Image.fromarray(f).resize((32, 24), Image.BILINEAR)) for f in full]
    brightness = [0.299, 0.587, 0.114]
    for video in (path, full):
        got = load_frames(video, 3, size=(24, 32)) @ brightness
        assert np.abs(got - np.stack(expected) @ brightness).mean() < 4
        assert np.abs(np.roll(got, 1, axis=2) - np.stack(expected) @ brightness).mean() > 10


def test_several_sizes_of_the_same_frames(tmp_path) -> None:
    path = write_film(tmp_path / "film.mp4")
    for video in (path, every_frame(path)):
        whole, small = load_frames_in_sizes(video, 8, [None, 24])
        np.testing.assert_array_equal(whole, load_frames(video, 8))
        np.testing.assert_array_equal(small, load_frames(video, 8, size=24))
    with pytest.raises(ValueError, match="video has no video: got 0 frames"):
        load_frames_in_sizes([], 8, [None, 24])


def test_4k_video_is_scaled_while_it_is_decoded(tmp_path) -> None:
    frames = pictures(2160, 3840, 3)
    path = write_film(tmp_path / "large.mp4", "mpeg4", frames=frames)
    del frames
    load_frames(path, 1, size=224)  # imports
    tracemalloc.start()
    small = load_frames(path, 8, size=224)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert small.shape == (8, 224, 224, 3)
    # Eight small frames are 1.2 MB, held twice while they are stacked; one whole frame is 25 MB.
    assert peak < 5e6


def test_frames_are_turned_as_a_player_turns_them(tmp_path) -> None:
    path = write_film(tmp_path / "phone.mp4", "mpeg4")
    plain = load_frames(path, 2)
    data = path.read_bytes()
    at = data.index(b"tkhd") + 44  # Behind the name, the times, the layer and the volume.
    # Row by row, in 65,536ths but for the last column; this turns by a quarter, clockwise.
    matrix = [0, 1, 0, -1, 0, 0, 0, 0, 16384]
    turn = b"".join((65536 * number).to_bytes(4, "big", signed=True) for number in matrix)
    path.write_bytes(data[:at] + turn + data[at + 36 :])
    turned = load_frames(path, 2)
    assert turned.shape == (2, 64, 48, 3)
    np.testing.assert_array_equal(turned, np.rot90(plain, -1, axes=(1, 2)))
    assert load_frames(path, 2, size=(32, 24)).shape == (2, 32, 24, 3)


@pytest.mark.parametrize("file", ["film.mp4", "film.mkv"])
def test_file_that_is_cut_off_gives_what_is_there(file, tmp_path) -> None:
    path = write_film(
        tmp_path / file, "mpeg4", 5, file_options={"movflags": "faststart"} if "mp4" in file else {}
    )
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    left = every_frame(path)
    assert 10 < len(left) < 40
    np.testing.assert_array_equal(load_frames(path, 8), left[frame_indices(len(left), 8)])


def broken_from(path: Path, number: int, last: int = N_FRAMES) -> None:
    """Overwrite the stored frames from one on; the file's index stays as it was."""
    with av.open(str(path)) as container:
        places = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    data = bytearray(path.read_bytes())
    for at, size in places[number:last]:
        data[at : at + size] = bytes(size)
    path.write_bytes(data)


@pytest.mark.parametrize(("file", "by_time"), [("film.mp4", True), ("film.avi", False)])
def test_last_good_frame_stands_for_a_broken_tail(file, by_time, tmp_path, decodes_through) -> None:
    # Every picture by itself, so that a broken one cannot be guessed from the others.
    path = write_film(tmp_path / file, "mjpeg", codec_options={"color_range": "2"})
    whole = load_frames(path, N_FRAMES)
    broken_from(path, 20)
    decodes_through.clear()
    # floor(i * 50 / 8) = 0 6 12 18 25 31 37 43, the last good one is 19.
    np.testing.assert_array_equal(load_frames(path, 8), whole[[0, 6, 12, 18, 19, 19, 19, 19]])
    assert decodes_through == [by_time]


def test_first_good_frame_stands_for_a_broken_beginning(tmp_path) -> None:
    path = write_film(tmp_path / "film.mp4", "mjpeg", codec_options={"color_range": "2"})
    whole = load_frames(path, N_FRAMES)
    broken_from(path, 0, 10)
    np.testing.assert_array_equal(load_frames(path, 8), whole[[10, 10, 12, 18, 25, 31, 37, 43]])
    broken_from(path, 0)
    with pytest.raises(ValueError, match="film.mp4 has no video: got 0 frames"):
        load_frames(path, 8)


def test_one_frame_is_repeated(tmp_path) -> None:
    path = write_film(tmp_path / "one.mp4", frames=pictures(48, 64, 1))
    frames = load_frames(path, 8)
    assert frames.shape == (8, 48, 64, 3)
    assert (frames == frames[:1]).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: torch.zeros(4, 3, 8, 3, dtype=torch.uint8), "can be read in two ways"),
        (lambda: torch.zeros(4, 3, 8, 8), r"no RGB video: got float32 \(4, 3, 8, 8\)"),
        (lambda: torch.zeros(4, 8, 8, 1, dtype=torch.uint8), r"got uint8 \(4, 8, 8, 1\)"),
        (lambda: np.zeros((4, 3, 8, 8), np.uint8), r"got uint8 \(4, 3, 8, 8\)"),
        (lambda: [np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9, 3), np.uint8)], "Pass `size`"),
        (lambda: ["a.jpg", "b.jpg"], "got a list with str"),
        (list, "got 0 frames"),
        (lambda: None, "clip 7 is no media: got NoneType"),
        (lambda: io.StringIO("film"), "clip 7 is no media: got StringIO"),
        (lambda: 7, r"got int64 \(\)"),
    ],
)
def test_bad_video_is_an_error(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_frames(make(), 2, "clip 7")


def test_nothing_to_take_is_an_error() -> None:
    video = np.zeros((4, 8, 8, 3), np.uint8)
    for options in ({"n_frames": 0}, {"n_frames": 2, "size": 0}, {"n_frames": 2, "size": (8, -1)}):
        with pytest.raises(ValueError, match="nothing to take"):
            load_frames(video, **options)
    mixed = [np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9, 3), np.uint8)]
    assert load_frames(mixed, 2, size=4).shape == (2, 4, 4, 3)
