"""What models are asked, as files; see `registry.load_prompt`."""
