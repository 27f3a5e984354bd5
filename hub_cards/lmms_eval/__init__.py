"""Tasks of lmms-eval: MER-UniBench and EmoS asked and scored inside that program.

Its pins forbid to share an environment with training, so that what stands here needs the extra
``metrics`` alone.
"""
