"""Models: media and text to tokens to an answer."""

from affecthub.errors import require

for _package in ("torch", "transformers"):
    require(_package, "model", "use a model")
