"""Names as strangers may see them."""


def masked_name(nickname: str) -> str:
    """Return a nickname's first character and two stars; of nobody's, three stars: 小王 → 小**."""
    shown = nickname.strip()
    return f"{shown[0]}**" if shown else "***"
