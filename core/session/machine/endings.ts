// Why a session ends that was not lost.
import type { Failure } from '../../errors.js';

export const disconnectCalled: Failure = { code: 'ABORTED', message: 'disconnect() was called.' };
export const clientReleased: Failure = { code: 'ABORTED', message: 'The client has been released.' };
