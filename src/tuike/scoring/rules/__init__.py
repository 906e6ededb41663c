"""Scores by arithmetic: whole numbers only, no clock, no tables, and no label of what anything is."""

from tuike.scoring.rules.cuts import odd_cut
from tuike.scoring.rules.groups import Groups, circle_of
from tuike.scoring.rules.judging import combine, judge
from tuike.scoring.rules.robust import limits_of, median, spread

__all__ = ["Groups", "circle_of", "combine", "judge", "limits_of", "median", "odd_cut", "spread"]
