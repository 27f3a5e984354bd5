"""Reinforcement learning with the field's scores: recipes, clips and trainer of ``grpo``."""
