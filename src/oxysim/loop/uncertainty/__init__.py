"""What an answer rests on: global sensitivity indices and elasticities of outcomes to inputs."""
