"""What a consumer is handed."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: `topic` names it (`order.paid`), `key` its object, `facts` are plain JSON."""

    id: int
    txid: int
    topic: str
    key: str
    facts: dict
    at: datetime
