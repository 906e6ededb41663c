"""Reads of freight: quotes, a shop's templates, regions."""

from tuike.freight.queries.quotes import quote
from tuike.freight.queries.regions import (
    deliverable_codes,
    is_district,
    region_names,
    region_path,
    regions_json,
    regions_tree,
)
from tuike.freight.queries.templates import own_template, template_of_product, templates_of
from tuike.freight.rules import carrier_named, check_parcel

__all__ = [
    "carrier_named",
    "check_parcel",
    "deliverable_codes",
    "is_district",
    "own_template",
    "quote",
    "region_names",
    "region_path",
    "regions_json",
    "regions_tree",
    "template_of_product",
    "templates_of",
]
