"""The queue's door: workers that carry out planning runs and approvals."""
