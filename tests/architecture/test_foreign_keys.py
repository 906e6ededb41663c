"""A foreign key is an arrow, names what it points to by one side only, and never deletes for us."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from tests.architecture.reading import COMMONS, MODULES
from tests.architecture.test_arrows import ARROWS


def keys() -> Iterator[models.ForeignKey]:
    """Yield every foreign key (one-to-one too) of the product's models."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in MODULES | COMMONS and model.__module__.startswith("tuike."):
            yield from (field for field in model._meta.get_fields() if isinstance(field, models.ForeignKey))


KEYS = sorted(keys(), key=str)


def test_there_are_keys_to_check():
    assert len(KEYS) > 40


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_a_foreign_key_follows_an_arrow(key):
    source, target = key.model._meta.app_label, key.related_model._meta.app_label
    assert target == source or target in ARROWS.get(source, set())


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_nothing_is_deleted_by_the_way(key):
    assert key.remote_field.on_delete is models.PROTECT


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_the_other_side_does_not_learn_of_it(key):
    """Within a module both sides may know each other; across modules only the arrow's start does."""
    if key.related_model._meta.app_label != key.model._meta.app_label:
        assert key.remote_field.related_name == "+"


def test_no_hidden_tables():
    """A many-to-many field makes a table that no one named, with an identity column and cascades."""
    hidden = [field for model in apps.get_models() for field in model._meta.many_to_many if _ours(model)]
    assert hidden == []


def _ours(model: type[models.Model]) -> bool:
    return model.__module__.startswith("tuike.")
