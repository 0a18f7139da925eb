"""Text processing: numbers, dates, languages, normalisation and framing words."""
