"""Token counts of texts and images, by tokenizer, remembered on disk."""
