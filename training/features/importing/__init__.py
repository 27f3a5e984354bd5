"""Features that others have made, as caches: npy trees of MERBench and MMSA, pickles of MMSA."""
