"""A page to try sentiment in the browser."""

from affecthub.metrics.modules.page import launch

launch("sentiment")
