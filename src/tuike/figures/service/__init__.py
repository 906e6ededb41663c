"""Counting days anew from their sources, in the caller's transaction. Every count is set-based, and the same repeated.

Nothing is added up out of what was told: what was told says only which days to look at.
"""

from tuike.figures.service.following import count, count_clicks
from tuike.figures.service.rebuilding import begin_rebuild, count_days, end_rebuild

__all__ = ["begin_rebuild", "count", "count_clicks", "count_days", "end_rebuild"]
