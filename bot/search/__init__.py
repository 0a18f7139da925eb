"""Search: from a message to topics, checks and small talk, with calibrated probabilities."""
