"""What crosses freight's border: templates, what is asked and quoted, regions, carriers, refusals."""

from tuike.freight.types.carriers import CARRIERS, Carrier
from tuike.freight.types.facts import (
    Basis,
    FreightAsk,
    FreightPart,
    FreightQuote,
    FreightWhy,
    NewTemplate,
    Region,
    Row,
    TemplateShown,
)
from tuike.freight.types.refusals import (
    MostTemplates,
    NotDeliverable,
    OddTrackingNo,
    TemplateNameTaken,
    TemplateUsed,
    UnknownCarrier,
    UnknownRegion,
)

__all__ = [
    "CARRIERS",
    "Basis",
    "Carrier",
    "FreightAsk",
    "FreightPart",
    "FreightQuote",
    "FreightWhy",
    "MostTemplates",
    "NewTemplate",
    "NotDeliverable",
    "OddTrackingNo",
    "Region",
    "Row",
    "TemplateNameTaken",
    "TemplateShown",
    "TemplateUsed",
    "UnknownCarrier",
    "UnknownRegion",
]
