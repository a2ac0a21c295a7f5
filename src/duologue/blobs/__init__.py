"""Where files lie, and the media pipeline around them: intake, inspection, processing in worker processes, stores.

The server imports the intake, the stores and what they need; decoders are imported by the worker processes alone.
"""
