"""What exchanges cost: what of each is billed, and the prices, the user's own or published ones."""
