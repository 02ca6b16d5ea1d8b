"""What serving costs, judged alike on any machine: latency, throughput, tails, memory."""
