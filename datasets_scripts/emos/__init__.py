"""EmoS: CH-SIMS v2 and MELD clips labelled anew, and streaming monologues."""
