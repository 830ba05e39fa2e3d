import { randomBytes } from 'node:crypto';
import type { SchedulerLike } from 'rxjs';
import { Refusal } from './answer.js';
import type { ReceivedForm } from './receive-form.js';

interface KeptFile {
  readonly answer: Readonly<Record<string, unknown>>;
  readonly expiresAtMs: number;
  readonly bytes: Uint8Array | null;
}

export interface FileStore {
  /** Keeps the form's file and gives the wire's answer. */
  add(form: ReceivedForm): Readonly<Record<string, unknown>>;
  /** The wire's answer about a file that is still there. */
  get(id: string): Readonly<Record<string, unknown>>;
  delete(id: string): void;
  /** `null` when there is no such file (any more), or it was too large to keep. */
  bytes(id: string): Uint8Array | null;
  has(id: string): boolean;
  close(): void;
}

const DEFAULT_TTL_SECONDS = 86_400;
/** More are forgotten, the oldest first. */
const MOST_FILES = 1_000;
const KEPT_BYTES = 128 * 1024 * 1024;

export function createFileStore(scheduler: SchedulerLike): FileStore {
  const files = new Map<string, KeptFile>();

  const sizeOf = ({ bytes }: KeptFile): number => bytes?.length ?? 0;
  /** Makes room for one more: what has expired goes first, then what is oldest. */
  const makeRoom = (bytes: number): void => {
    for (const [id, { expiresAtMs }] of files) if (expiresAtMs <= scheduler.now()) files.delete(id);
    let kept = [...files.values()].reduce((sum, file) => sum + sizeOf(file), bytes);
    for (const [id, file] of files) {
      if (files.size < MOST_FILES && kept <= KEPT_BYTES) return;
      files.delete(id);
      kept -= sizeOf(file);
    }
  };

  /** Files expire when they are looked for: nothing has to wake up for it. */
  const find = (id: string): KeptFile | null => {
    const file = files.get(id);
    if (file === undefined || file.expiresAtMs > scheduler.now()) return file ?? null;
    files.delete(id);
    return null;
  };
  const need = (id: string): KeptFile => {
    const file = find(id);
    if (file === null) throw new Refusal(404, 'File not found');
    return file;
  };

  return {
    add: ({ fields, files: received }) => {
      const file = received.get('file');
      if (file === undefined) throw new Refusal(422, 'file: there is none');
      const ttl = readTtl(fields.get('ttl_seconds'));
      const now = scheduler.now();
      const expiresAtMs = now + ttl * 1000;
      const answer = {
        id: `file_${randomBytes(12).toString('hex')}`,
        filename: file.filename ?? null,
        mime_type: file.mimeType,
        size_bytes: file.sizeBytes,
        created_at: new Date(now).toISOString(),
        expires_at: Number.isFinite(expiresAtMs) ? new Date(expiresAtMs).toISOString() : null,
      };
      makeRoom(file.bytes?.length ?? 0);
      files.set(answer.id, { answer, expiresAtMs, bytes: file.bytes });
      return answer;
    },
    get: (id) => need(id).answer,
    delete: (id) => {
      need(id);
      files.delete(id);
    },
    bytes: (id) => find(id)?.bytes ?? null,
    has: (id) => find(id) !== null,
    close: () => files.clear(),
  };
}

function readTtl(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TTL_SECONDS;
  if (text === 'persistent') return Number.POSITIVE_INFINITY;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 60 && seconds <= 2_592_000) return seconds;
  throw new Refusal(422, "ttl_seconds: expected 60 to 2592000, or 'persistent'");
}
