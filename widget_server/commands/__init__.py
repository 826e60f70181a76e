"""The commands of `transom`, by what they are about; `cli` puts them together."""
