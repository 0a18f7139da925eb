"""The consultants' desk, wherever consultants sit: cards, replies by name, drafts, summaries, and what consultants do."""
