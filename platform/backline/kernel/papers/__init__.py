"""Papers: what the firm hands out on paper, as PDF, from facts.

Takes in the name of a template and the facts that `facts.py` documents for it. Promises the same
bytes for the same facts on the same release, fonts inside, readable aloud (PDF/UA-1) and fit to
be kept (PDF/A-3a). Never calculates, and never looks anything up: a figure that is not among the
facts is not on the paper.
"""

from backline.kernel.papers.binding import bundle, can_be_bound
from backline.kernel.papers.press import render

__all__ = ["bundle", "can_be_bound", "render"]
