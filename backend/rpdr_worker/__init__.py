"""The worker process: retrieval, ranking, distillation and offline linking. No Qt."""
