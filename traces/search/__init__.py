"""Search in all that was ever said: the texts of exchanges, each kept once in the index, and questions to them."""
