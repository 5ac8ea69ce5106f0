"""What Claude Code itself writes: ids, side requests, headers, reminders, and what can be changed about them."""
