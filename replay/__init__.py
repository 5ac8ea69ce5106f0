"""The same request again, to any model, measured."""
