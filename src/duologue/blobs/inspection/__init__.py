"""What documents, archives and data files really are, looked at in a worker process and never unpacked to disk."""
