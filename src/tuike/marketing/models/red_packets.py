"""Red packets and their shares, what is held of buyers' balances, and what was given out in a day."""

from django.db import models
from django.db.models import F, Q

from tuike.parties.models import Merchant


class Packet(models.Model):
    """A red packet, of a buyer or of a shop. Its shares are fixed when it is made, and open once money stands on its
    account; `ends_at` ends the time to pay it, then the time to open it."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    code = models.CharField(max_length=16, unique=True)
    buyer_id = models.BigIntegerField(null=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    funder = models.CharField(max_length=8)
    split = models.CharField(max_length=8)
    total_fen = models.BigIntegerField()
    shares = models.SmallIntegerField()
    opened = models.SmallIntegerField(default=0)
    opened_fen = models.BigIntegerField(default=0)
    returned_fen = models.BigIntegerField(default=0)
    greeting = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    funded_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "marketing_packet"
        indexes = [
            models.Index(fields=["buyer_id", "-id"], name="marketing_packet_buyer"),
            models.Index(fields=["merchant", "-id"], name="marketing_packet_merchant"),
            models.Index(fields=["ends_at"], condition=Q(state__in=["unpaid", "open"]), name="marketing_packet_due"),
        ]
        constraints = [
            models.CheckConstraint(
                name="marketing_packet_sender",
                condition=Q(buyer_id__isnull=False, merchant__isnull=True, funder__in=["payment", "balance"])
                | Q(buyer_id__isnull=True, merchant__isnull=False, funder="shop"),
            ),
            models.CheckConstraint(
                name="marketing_packet_shares",
                condition=Q(shares__gte=1, shares__lte=100, opened__gte=0, opened__lte=F("shares")),
            ),
            models.CheckConstraint(
                name="marketing_packet_fen",
                condition=Q(
                    total_fen__gte=F("shares"),
                    opened_fen__gte=F("opened"),
                    returned_fen__gte=0,
                    opened_fen__lte=F("total_fen") - F("returned_fen"),
                ),
            ),
        ]


class PacketShare(models.Model):
    """A share of a red packet, and who opened it. A person opens one share of a packet."""

    id = models.BigAutoField(primary_key=True)
    packet = models.ForeignKey(Packet, on_delete=models.PROTECT, related_name="+", db_index=False)
    nth = models.SmallIntegerField()
    amount_fen = models.BigIntegerField()
    person_id = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "marketing_packet_share"
        indexes = [
            models.Index(
                fields=["person_id", "-opened_at"], condition=Q(person_id__isnull=False), name="marketing_share_person"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["packet", "nth"], name="marketing_share_nth"),
            models.UniqueConstraint(fields=["packet", "person_id"], name="marketing_share_once"),
            models.CheckConstraint(name="marketing_share_fen", condition=Q(amount_fen__gte=1)),
        ]


class BalanceHold(models.Model):
    """What of a buyer's balance pays for a checkout: `held` while it is unpaid, `spent` with it, `released` where it
    closed. `refunded_fen` of what was spent went back."""

    checkout_no = models.CharField(max_length=32, primary_key=True)
    buyer_id = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        db_table = "marketing_balance_hold"
        indexes = [models.Index(fields=["buyer_id"], name="marketing_hold_buyer")]
        constraints = [
            models.CheckConstraint(
                name="marketing_hold_fen",
                condition=Q(amount_fen__gte=1, refunded_fen__gte=0, refunded_fen__lte=F("amount_fen")),
            ),
            models.CheckConstraint(
                name="marketing_hold_refunds",
                condition=Q(state="spent") | Q(state__in=["held", "released"], refunded_fen=0),
            ),
        ]


class DayUse(models.Model):
    """How often a person did something on a natural day, and for how much: what a day's limit is taken from."""

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    day = models.DateField()
    count = models.IntegerField()
    sum_fen = models.BigIntegerField(default=0)

    class Meta:
        db_table = "marketing_day_use"
        constraints = [models.UniqueConstraint(fields=["person_id", "kind", "day"], name="marketing_day_use_one")]
