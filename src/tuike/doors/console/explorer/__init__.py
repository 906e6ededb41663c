"""The explorer of accruals in every console: rows, groups, views, columns. What dimensions there are, insight says."""
