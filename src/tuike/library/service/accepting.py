"""The rules of a source, accepted once by a promoter."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.library.types import RULES_EDITION
from tuike.parties import queries as parties
from tuike.parties.types import Source


@transaction.atomic
def accept_rules(*, promoter_id: int, source: Source, actor: Actor, now: datetime) -> None:
    """Keep that a promoter accepted how a source settles and pays; a second time changes nothing; audited
    (docs/rules.md §8)."""
    made = rows.query(
        "INSERT INTO library_acceptance (promoter_id, source, edition, person_id, at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING id",
        [promoter_id, Source(source).value, RULES_EDITION, actor.person_id, now],
    )
    if made:
        number = parties.refs([promoter_id])[promoter_id].no
        facts = {"source": Source(source).value, "edition": RULES_EDITION}
        audit.record(actor=actor, action="library.accept_rules", object_=number, facts=facts, now=now)
