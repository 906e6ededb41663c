from tests.make import payments as make
from tuike.payments import queries, service
from tuike.payments.types import IntentState, Outcome

NOW = make.NOW


def test_a_payment_is_booked_once(db):
    made = make.intent()
    first = service.settle(facts=[make.fact(made.no)], now=NOW)
    again = service.settle(facts=[make.fact(made.no)], now=NOW)
    assert [p.intent_no for p in first.paid] == [made.no]
    assert first.batches[0].amount_fen == 9_980
    assert (again.paid, again.repeated) == ([], [made.no])
    assert again.outcomes == {made.no: Outcome.REPEATED}
    assert queries.intents_by_no([made.no])[made.no].state is IntentState.PAID
