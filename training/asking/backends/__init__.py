"""Whom to ask: models of transformers, endpoints, AffectGPT, and a scripted one."""
