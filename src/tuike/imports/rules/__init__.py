"""How files of order history are read: the mapping, amounts, rows, and what a cancellation takes back. Pure."""

from tuike.imports.rules.amounts import fen, micros
from tuike.imports.rules.mapping import read_mapping
from tuike.imports.rules.matching import Cancel, Sold, Taken, match
from tuike.imports.rules.rows import MAX_LINES, Reader, spread_of

__all__ = ["MAX_LINES", "Cancel", "Reader", "Sold", "Taken", "fen", "match", "micros", "read_mapping", "spread_of"]
