"""Boards in every console: tiles, trend, funnel, commission, who and what brought it, cohorts, and the rows behind.
What a figure is and which rows it comes from, insight says."""
