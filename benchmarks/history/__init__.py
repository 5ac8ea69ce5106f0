"""What a long history costs: lists, searches and the archive over thousands of exchanges."""
