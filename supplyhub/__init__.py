"""supplyhub: emergency-supplies inventory and fair allocation, from province to township."""
