"""Appeals against held or rejected commission, at their payee's and at the desk; the evidence of what is reviewed."""
