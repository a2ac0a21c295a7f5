"""The sockets of this process: who is connected here, what each was sent, and what is still to come. No dialect, no SQL."""
