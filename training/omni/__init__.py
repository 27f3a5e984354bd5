"""Adapters on published chat models that hear and see: Qwen-Omni's thinkers and Qwen2-Audio."""
