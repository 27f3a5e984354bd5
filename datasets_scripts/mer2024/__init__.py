"""MER2024: MER2023 with two more test sets and a large unlabelled part."""
