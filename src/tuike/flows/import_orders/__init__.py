"""A shop's order history out of a file: staged, put in order, booked in batches; cut off anywhere, it goes on there.

One journey over several files: `run` owns the transactions, `reading` reads the file, `ground` makes what orders stand
on (products, rates, prepaid money), `batches` books. docs/user/import-orders.md says what a person needs to know.
"""

from tuike.flows.import_orders.run import Imported, import_orders, try_import

__all__ = ["Imported", "import_orders", "try_import"]
