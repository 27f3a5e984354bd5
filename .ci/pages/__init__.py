"""What `.ci/make_pages.py` makes the documentation of."""
