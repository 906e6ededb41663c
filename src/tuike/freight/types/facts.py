"""Templates, questions and answers as plain values."""

from dataclasses import dataclass, field
from enum import StrEnum


class Basis(StrEnum):
    """What a template counts: pieces, grams, or nothing (one fee however much there is)."""

    PIECE = "piece"
    WEIGHT = "weight"
    FLAT = "flat"


class FreightWhy(StrEnum):
    """Why freight of a shop's part is what it is."""

    NO_TEMPLATE = "no_template"
    FREE_FROM = "free_from"
    CHARGED = "charged"


@dataclass(frozen=True, slots=True)
class Region:
    """A province, city or district by its six-digit code."""

    code: str
    name: str
    children: tuple["Region", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is charged to some regions: provinces or cities by code; none is everywhere else.

    Up to `first_units` (pieces or grams) cost `first_fen`; each `next_units` begun above that costs `next_fen`. Free
    from `free_from_fen` of goods or from `free_from_pieces`, where given.
    """

    regions: tuple[str, ...] = ()
    first_units: int = 1
    first_fen: int = 0
    next_units: int = 1
    next_fen: int = 0
    free_from_fen: int | None = None
    free_from_pieces: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTemplate:
    """A template to make, or what one becomes. `not_to` are provinces and cities where nothing is delivered."""

    name: str
    basis: Basis
    rows: tuple[Row, ...]
    not_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateShown:
    """A template as its shop sees it; `products` counts those that name it."""

    template_id: int
    no: str
    merchant_id: int
    terms: NewTemplate
    default: bool
    products: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightAsk:
    """Goods of a checkout. `amount_fen` is price × quantity, before any discount: what a coupon takes off doesn't make
    freight dearer."""

    merchant_id: int
    product_id: int
    sku_id: int
    quantity: int
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightPart:
    """What the goods under one template cost. `units` are pieces, or grams where weight counts."""

    template: str
    basis: Basis
    units: int
    pieces: int
    amount_fen: int
    fen: int
    why: FreightWhy


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightQuote:
    """A shop's freight: the sum of its templates' charges, and why it is that."""

    fen: int
    why: FreightWhy
    parts: tuple[FreightPart, ...] = field(default=())
