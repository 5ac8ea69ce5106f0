"""Model servers: found by name or URL, asked what they are and what they have."""
