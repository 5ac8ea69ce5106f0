"""What each client itself writes into its requests: one package a client."""
