"""The demo corpus: invented speakers, generated from a seed, in the form of a real corpus."""
