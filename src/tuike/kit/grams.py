"""Words cut into characters and pairs, so that an inverted index finds any word of two characters at once."""

import unicodedata
from collections.abc import Iterable

LONGEST_WORDS = 400
LONGEST_KEYWORD = 40


def normal(text: str) -> str:
    """Return a text as words are compared: one width, one case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def joined(*texts: str) -> str:
    """Return the normal words of several texts, at most `LONGEST_WORDS` characters of them."""
    return normal(" ".join(texts))[:LONGEST_WORDS]


def grams(words: str) -> list[str]:
    """Return the single characters and the pairs of neighbours in normal words, sorted; no pair spans a space.

    Two-character words, the commonest in Chinese, are one pair each, which an inverted index answers at once.
    """
    found: set[str] = set()
    for word in words.split(" "):
        found.update(word)
        found.update(word[i : i + 2] for i in range(len(word) - 1))
    return sorted(found)


def terms(keyword: str) -> list[str]:
    """Return the terms of a keyword, each of which must be found."""
    return [term for term in normal(keyword[:LONGEST_KEYWORD]).split(" ") if term]


def needed(asked: Iterable[str]) -> list[str]:
    """Return the grams that words with these terms have: pairs, and of a single character itself."""
    found: set[str] = set()
    for term in asked:
        found.update([term] if len(term) == 1 else [term[i : i + 2] for i in range(len(term) - 1)])
    return sorted(found)


def loose(asked: Iterable[str]) -> list[str]:
    """Return the terms that pairs don't prove: all their pairs may stand in words that don't hold them in a row."""
    return [term for term in asked if len(term) > 2]
