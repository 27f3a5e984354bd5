"""How clips are asked: in which order and batches, by whom, and what becomes of the answers."""
