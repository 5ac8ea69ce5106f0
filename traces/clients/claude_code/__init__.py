"""What Claude Code itself writes (ids, side requests, headers, reminders), and the fixes that change it."""
