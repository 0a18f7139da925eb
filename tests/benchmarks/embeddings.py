"""Renews the embeddings of the shipped phrasings, which come with the package: `make embeddings`."""

from __future__ import annotations

from bot.knowledge.learned import shipped_texts
from bot.knowledge.library import load, shipped
from bot.search.matching import meaning


def main() -> None:
    library, _ = load([shipped()])
    texts = shipped_texts(library)
    size = meaning.ship(texts)
    print(f"{meaning.SHIPPED.name}: {len(set(texts)):,} texts, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
