"""Words to numbers, dates and amounts; scripts, spellings and frames."""
