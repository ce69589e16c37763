"""Every named point of an export, every class of answer, every way to die: nothing lost, nothing sent twice."""
