"""What a message is about: topics, checks and small talk, with a calibrated probability."""
