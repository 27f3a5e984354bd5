"""What scores over emotion wheels are made of: labels as numbers, sectors as bits."""
