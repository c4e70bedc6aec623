"""The Teach page: where the teacher is, what the project agreed to, what would be sent, and what was sent."""
