"""The operator says which template of WeChat shows which message on a phone."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.flows import operators
from tuike.messages import queries
from tuike.messages import service as messages


def register_template(
    *, kind: str, template_id: str, fields: Mapping[str, str], page: str, actor: Actor, now: datetime
) -> None:
    """Register the template of a kind of message; there is one at a time (docs/rules.md §10).

    Raises:
        Forbidden: neither super administrator nor administrator of the operator.
        UnknownKind, BadTemplate: see messages.register_template.
    """
    operators.require(actor, operators.GOVERNORS)
    with transaction.atomic(durable=True):
        messages.register_template(kind=kind, template_id=template_id, fields=fields, page=page, actor=actor, now=now)


def remove_template(*, kind: str, actor: Actor, now: datetime) -> None:
    """Let a kind of message have no template; without one before nothing changes.

    Raises:
        Forbidden: neither super administrator nor administrator of the operator.
    """
    operators.require(actor, operators.GOVERNORS)
    with transaction.atomic(durable=True):
        if kind in queries.templates():
            messages.remove_template(kind=kind, actor=actor, now=now)
