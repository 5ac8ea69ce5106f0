"""What exchanges cost, in sums of days, sessions, agents, models and projects."""
