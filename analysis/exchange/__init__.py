"""One exchange, or many beside one another: where the tokens go."""
