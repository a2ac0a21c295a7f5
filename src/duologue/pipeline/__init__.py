"""The send pipeline of design part 3: queue, plan, flush, lanes. Over the core's ports; no SQL, no dialect."""
