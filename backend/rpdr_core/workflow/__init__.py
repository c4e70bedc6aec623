"""What a user does, step by step, over knowledge bases, files, the store and a worker. No Qt, no torch."""
