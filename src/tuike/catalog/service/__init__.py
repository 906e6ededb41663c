"""Changes of categories, products and stock."""

from tuike.catalog.service.categories import add_category, change_category
from tuike.catalog.service.products import (
    add_product,
    add_products,
    change_product,
    count_sold,
    exclude_products,
    put_on_sale,
    take_off_sale,
)
from tuike.catalog.service.stock import add_stock, return_stock, take_stock

__all__ = [
    "add_category",
    "add_product",
    "add_products",
    "add_stock",
    "change_category",
    "change_product",
    "count_sold",
    "exclude_products",
    "put_on_sale",
    "return_stock",
    "take_off_sale",
    "take_stock",
]
