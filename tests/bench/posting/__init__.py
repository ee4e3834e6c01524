"""What posting is measured with: a server over a small world, clients that cost little, raw statements beside it."""
