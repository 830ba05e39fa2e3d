import { DecartError } from '../../../core/errors.js';

/** Why a camera or microphone is not available: `data.reason` of a MEDIA_DEVICE_ERROR. */
export type DeviceFailureReason =
  /** The user, or a policy, does not allow it. */
  | 'permission-denied'
  /** There is none. */
  | 'no-device'
  /** Another program has it, or it does not respond. */
  | 'device-in-use'
  /** None fits what was asked for, e.g. a device by id that is not there. */
  | 'unsatisfiable'
  /** The page is not served over https (or from loopback), or runs where there are no devices. */
  | 'unsupported'
  /** It was there and is gone. */
  | 'unplugged'
  | 'unknown';

type OpeningFailureReason = Exclude<DeviceFailureReason, 'unplugged'>;

const reasons: Readonly<Record<string, OpeningFailureReason>> = {
  NotAllowedError: 'permission-denied',
  SecurityError: 'permission-denied',
  NotFoundError: 'no-device',
  NotReadableError: 'device-in-use',
  AbortError: 'device-in-use',
  OverconstrainedError: 'unsatisfiable',
};

const explanations: Readonly<Record<OpeningFailureReason, string>> = {
  'permission-denied':
    'access was denied. Allow it in the browser’s site settings, and in an iframe by its allow attribute.',
  'no-device': 'there is none.',
  'device-in-use': 'another program is using it, or it does not respond.',
  unsatisfiable: 'no device matches the request.',
  unsupported: 'this page cannot use one: it has to be served over https, or from localhost.',
  unknown: 'the browser gave no reason.',
};

/** The error for a device that is not available. Retrying at once would not help. */
export function deviceError(device: string, cause: unknown): DecartError {
  const { name, constraint } = (cause ?? {}) as { name?: string; constraint?: unknown };
  const data = { errorName: name, ...(typeof constraint === 'string' && constraint !== '' && { constraint }) };
  return deviceFailure(device, reasons[name ?? ''] ?? 'unknown', data, cause);
}

export function deviceFailure(
  device: string,
  reason: OpeningFailureReason,
  data: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): DecartError {
  return new DecartError({
    code: 'MEDIA_DEVICE_ERROR',
    message: `No ${device}: ${explanations[reason]}`,
    permanent: true,
    data: { device, reason, ...data },
    ...(cause !== undefined && { cause }),
  });
}
