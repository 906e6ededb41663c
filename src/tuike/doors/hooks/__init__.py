"""Where companies outside report to: verify, keep durably, answer; a job does the work. Believes nothing unsigned."""
