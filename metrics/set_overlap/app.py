"""A page to try set_overlap in the browser."""

from affecthub.metrics.modules.page import launch

launch("set_overlap")
