"""What both dialects can do, told once and spoken in both, and crosswise."""
