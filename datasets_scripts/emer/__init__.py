"""EMER: emotions of MER2023 clips with reasons, in Chinese and English."""
