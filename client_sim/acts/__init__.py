"""The acts of the story: each function is one step, proves what its first line claims, and answers its raw counts."""
