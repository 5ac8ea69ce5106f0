"""The errors of our figures and of other clients', against a server that says when it sent each chunk."""
