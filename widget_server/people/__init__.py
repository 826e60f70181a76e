"""Who interacts: identities that the server issues and signs, and what each may do."""
