"""Verbs of appeals, notes, and what is overdue."""

from tuike.appeals.service.desk import add_note, take_overdue
from tuike.appeals.service.talking import adjusted, answer, answer_about, file_appeal, reply, withdraw

__all__ = ["add_note", "adjusted", "answer", "answer_about", "file_appeal", "reply", "take_overdue", "withdraw"]
