"""The checks that come with Transom, one module each."""
