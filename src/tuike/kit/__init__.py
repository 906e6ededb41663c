"""Tools about no domain: money, rates, ids, days, clock, errors, pages, crypto. No tables, no Django."""
