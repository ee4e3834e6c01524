"""Facts and rules of the trade: standard library only; no clock, no ids, no session inside."""
