"""The schema of content files: types of entries, YAML trees with line numbers, and the messages about mistakes."""
