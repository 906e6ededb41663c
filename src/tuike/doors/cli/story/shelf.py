"""The product library of the story: indexed, with products that the operator recommends and some put aside."""

from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.flows.refresh_library import count_sales, refresh_library
from tuike.library import queries
from tuike.library import service as library
from tuike.parties.types import Source

PICKED = ("CM01", "HT01", "CM26", "CM14", "HT03", "CM05")
CHOSEN = ("CM02", "HT02", "CM27")
WHO = ("p1", "p2")
"""Promoters who accepted how each source settles."""


def fill_library(scene: Scene) -> None:
    """Index everything, pick what is recommended, accept the rules and put products aside."""
    scene.progress.flow("library:index", _index, scene)
    scene.progress.once("library:picks", _pick, scene)
    scene.progress.once("library:rules", _accept, scene)
    scene.progress.once("library:chosen", _choose, scene)


def _index(scene: Scene) -> Answer:
    told = refresh_library(now=scene.began)
    count_sales()
    return told


def _pick(scene: Scene) -> Answer:
    ids = [scene.products[no] for no in PICKED]
    return {"picked": library.pick(product_ids=ids, actor=scene.running, now=scene.at(20, "10:00"))}


def _accept(scene: Scene) -> None:
    for who in WHO:
        for source in Source:
            library.accept_rules(
                promoter_id=scene.parties[who],
                source=source,
                actor=scene.actor(who, who),
                now=scene.at(60, "09:30"),
            )


def _choose(scene: Scene) -> Answer:
    there = queries.cards_of(product_ids=[scene.products[no] for no in CHOSEN], now=scene.began)
    ids = [id_ for no in CHOSEN if (id_ := scene.products[no]) in there]
    return {"held": library.choose(promoter_id=scene.parties[WHO[0]], product_ids=ids, now=scene.began)}
