"""How near to the truth our figures are: against a server that tells when it sent what, and against other clients."""
