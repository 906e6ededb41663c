"""`tuike explain`: any number of the alliance as a receipt, from what was bought to where each fen stands now.

Plain data in two languages; whoever shows it only lays it out. Reads stored facts alone and recomputes every share.
"""

from tuike.insight.explain.find import explain, explain_accrual, explain_shop_order
from tuike.insight.explain.types import Line, Receipt, Section, Tone, UnknownNumber, Words

__all__ = [
    "Line",
    "Receipt",
    "Section",
    "Tone",
    "UnknownNumber",
    "Words",
    "explain",
    "explain_accrual",
    "explain_shop_order",
]
