"""The review page: queue, mention, candidates, concept, keys."""
