"""What a content file may hold: kinds of entries, trees with line numbers, and the mistakes in them."""
