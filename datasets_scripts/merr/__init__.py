"""MERR: nine emotions with descriptions and reasons that models wrote of MER2023's clips."""
