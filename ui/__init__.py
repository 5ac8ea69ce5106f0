"""What all commands share to print on a terminal and to write pages."""
