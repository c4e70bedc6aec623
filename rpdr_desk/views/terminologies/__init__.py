"""The terminologies on this machine: what is there, what may come, and moving a project to a newer release."""
