"""Settings of the product: a registry with meaning and bounds, values as append-only rows, the latest one in force.

A common: any module may use it; it knows no module.
"""
