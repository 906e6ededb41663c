"""Changes of rates, campaigns, budgets and grades."""

from tuike.plans.service.budgets import release, reserve
from tuike.plans.service.campaigns import change_budget, create_campaign, stop_campaign
from tuike.plans.service.grades import add_grade, change_grade, set_grades
from tuike.plans.service.layers import (
    close_tiers_above,
    lift,
    set_benchmarks,
    set_category_rates,
    set_distribution,
    set_main_products,
    set_self_purchase,
)

__all__ = [
    "add_grade",
    "change_budget",
    "change_grade",
    "close_tiers_above",
    "create_campaign",
    "lift",
    "release",
    "reserve",
    "set_benchmarks",
    "set_category_rates",
    "set_distribution",
    "set_grades",
    "set_main_products",
    "set_self_purchase",
    "stop_campaign",
]
