"""Asking models about clips: prompts, backends, one journal, scores."""
