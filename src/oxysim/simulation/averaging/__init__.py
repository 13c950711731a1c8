"""One usual day, averaged: the coarse day, the frozen day, and where slow states come to rest."""
