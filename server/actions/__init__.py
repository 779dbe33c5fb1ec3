"""What can be done, one use case a file: read the facts, ask the rule, run the script that checks the facts again."""
