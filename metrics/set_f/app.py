"""A page to try set_f in the browser."""

from affecthub.metrics.modules.page import launch

launch("set_f")
