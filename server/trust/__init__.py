"""Who is asking: tokens, links' secrets, and proofs of possession. Nothing here decides what somebody may do."""
