"""Programs that join corpora, metrics and models: fine-tune, predict, report."""

import logging

# Where bitsandbytes is installed, peft imports it, and it asks for kernels that few need.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
