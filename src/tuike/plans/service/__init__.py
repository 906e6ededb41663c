"""Changes of rates, campaigns, enrolments, budgets, grades and targeted plans."""

from tuike.plans.service.budgets import hold, lower_once, release, reserve, take_first_orders
from tuike.plans.service.campaigns import change_budget, create_campaign, stop_campaign
from tuike.plans.service.climbing import move_grades
from tuike.plans.service.enrolments import check_enrolment, end_enrolment, extend_enrolment, open_enrolment
from tuike.plans.service.grades import add_grade, change_grade, set_grades
from tuike.plans.service.layers import (
    lift,
    set_benchmarks,
    set_category_rates,
    set_distribution,
    set_main_products,
    set_self_purchase,
)
from tuike.plans.service.retargeting import change_plan
from tuike.plans.service.targeted import answer_invitation, apply, create_plan, decide, invite, remove_member, stop_plan
from tuike.plans.service.tiers import close_tiers_above, set_overall_tiers

__all__ = [
    "add_grade",
    "answer_invitation",
    "apply",
    "change_budget",
    "change_grade",
    "change_plan",
    "check_enrolment",
    "close_tiers_above",
    "create_campaign",
    "create_plan",
    "decide",
    "end_enrolment",
    "extend_enrolment",
    "hold",
    "invite",
    "lift",
    "lower_once",
    "move_grades",
    "open_enrolment",
    "release",
    "remove_member",
    "reserve",
    "set_benchmarks",
    "set_category_rates",
    "set_distribution",
    "set_grades",
    "set_main_products",
    "set_overall_tiers",
    "set_self_purchase",
    "stop_campaign",
    "stop_plan",
    "take_first_orders",
]
