// Tests of real media, sockets and processes wait for events, and take as long as the machine does. This limit ends those
// that hang; it proves nothing. Their files set none of their own.
import { jest } from '@jest/globals';

jest.setTimeout(180_000);
