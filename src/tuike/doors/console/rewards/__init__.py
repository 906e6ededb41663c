"""Pages of tiers, of the promoters' ladder and of bonuses for targets, for each console that has to do with them."""
