"""A page to try confidence in the browser."""

from affecthub.metrics.modules.page import launch

launch("confidence")
