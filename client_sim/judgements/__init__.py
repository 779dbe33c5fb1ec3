"""What the judge asks, one question a module: each reads histories, holds them against the truth, and notes in the verdict."""
