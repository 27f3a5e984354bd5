"""What every card says of emotion recognition: what it is for, and what the law forbids.

One text for datasets, models and pages, so that no card says less than another.
"""

# Source: Regulation (EU) 2024/1689, articles 3(39), 5(1)(f), 50(3) and annex III, point 1(c).
LEGAL_LIMITS = """\
In the European Union, article 5(1)(f) of the AI Act (Regulation (EU) 2024/1689) has since 2 \
February 2025 prohibited AI systems that infer the emotions of people **at work or in education**, \
unless they are for medical or safety reasons. Elsewhere, systems that infer emotions from \
biometric data such as faces and voices count as high-risk (annex III, point 1(c)), and people who \
are exposed to one must be told (article 50(3)). Other countries have rules of their own. This is \
no legal advice."""

# What labels of emotion are, whatever program or data set they come from.
INTENDED_USE = """\
For research on how people express emotion and how others read it. A label says how somebody \
judged an expression, or what an actor was asked to show; it does not say what a person felt. Do \
not decide about people by it."""
