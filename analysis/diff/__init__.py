"""Two sessions side by side: which turns correspond, where they part ways, and what each was given and cost."""
