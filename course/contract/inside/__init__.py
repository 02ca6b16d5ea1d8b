"""What happens inside the throw-away processes. Nobody imports it to run it: each is started as a file."""
