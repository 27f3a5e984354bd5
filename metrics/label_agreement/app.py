"""A page to try label_agreement in the browser."""

from affecthub.metrics.modules.page import launch

launch("label_agreement")
