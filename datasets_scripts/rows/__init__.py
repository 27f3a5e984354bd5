"""What is done with rows once they are loaded: handed over, decoded, named, joined, batched."""
