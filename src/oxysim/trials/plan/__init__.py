"""What a trial fixes before it begins: arms, allocation, visits, endpoints, adherence, drop-out."""
