// jest asks for 100 frames of every error, and the simulation makes ten thousands of them. As many as Node does are enough.
Error.stackTraceLimit = 10;
