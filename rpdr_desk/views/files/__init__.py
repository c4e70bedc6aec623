"""What the pages where files come in and go out have in common."""
