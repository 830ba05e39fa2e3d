// What `DecartError.data` holds, by code.

/** Of a REST call: what came of it. */
interface CallData {
  /** Why it failed: `status`, `unreachable`, `interrupted`, `timeout` or `malformed`. */
  readonly reason?: string;
  /** HTTP status of the answer; `null` without one. */
  readonly status?: number | string | null;
  /** The answer's text, at most 500 characters. */
  readonly text?: string;
  /** How long the server asks to wait, in milliseconds; `null` when it does not. */
  readonly retryAfterMs?: number | null;
  /** What the server finds wrong with each field (HTTP 422). */
  readonly details?: readonly { readonly loc: readonly string[]; readonly msg: string }[];
}

/** Of a job. */
interface JobData extends CallData {
  readonly jobId?: string;
}

/** Of a file. */
interface FileData extends CallData {
  /** The file's id. */
  readonly id?: string;
}

/** Of a signaling socket that was refused or closed. */
interface SocketData {
  /** As the socket was closed with. */
  readonly closeCode?: number;
  /** The answer to its upgrade, where the platform shows it. */
  readonly httpStatus?: number;
}

/**
 * What `data` of an error holds, by code. Every detail may be absent: the same code arises in several places. Codes that
 * are not here have none that an app could rely on.
 */
export interface ErrorData {
  /** The key was refused: by the answer to a REST call, or to the upgrade of a socket. */
  INVALID_API_KEY: CallData & SocketData;
  /** What was asked for cannot be done as it was asked. */
  INVALID_INPUT: SocketData & {
    /** The name of what is wrong. */
    readonly field?: string;
  };
  /** The service does not know the model. */
  MODEL_NOT_FOUND: {
    readonly field?: string;
    /** The name that was asked for. */
    readonly model?: string;
  };
  /** The signaling socket was refused or lost. */
  WEBRTC_WEBSOCKET_ERROR: SocketData;
  /** Something did not come in time. */
  WEBRTC_TIMEOUT_ERROR: {
    /** What did not come in time, of a connect. */
    readonly stage?: string;
    /** What was not acknowledged in time. */
    readonly request?: string;
    /** Milliseconds. */
    readonly limitMs?: number;
  };
  /** The service said no, or reported a failure of its own. */
  WEBRTC_SERVER_ERROR: {
    /** What it refused: `prompt` or `image`. */
    readonly request?: string;
    /** Why it ended the session, in its words. */
    readonly reason?: string;
    /** The answer to the socket's upgrade, where the platform shows it. */
    readonly httpStatus?: number;
  };
  /** A call that this state of the session does not allow, or a message that is none. */
  WEBRTC_SIGNALING_ERROR: {
    /** The connection's state when the call was made. */
    readonly state?: string;
  };
  /** A job was not taken. */
  QUEUE_SUBMIT_ERROR: CallData & { readonly model?: string };
  /** The state of a job could not be read. */
  QUEUE_STATUS_ERROR: JobData;
  /** The result of a job could not be read. */
  QUEUE_RESULT_ERROR: JobData;
  /** The job has no result. */
  JOB_NOT_COMPLETED: JobData;
  /** No client token was made. */
  TOKEN_CREATE_ERROR: CallData;
  /** No image was made. */
  IMAGE_EDIT_ERROR: CallData & { readonly model?: string };
  /** A file was not uploaded. */
  FILES_UPLOAD_ERROR: FileData;
  /** A file could not be described. */
  FILES_GET_ERROR: FileData;
  /** A file was not deleted. */
  FILES_DELETE_ERROR: FileData;
  /** A camera or microphone is not available. */
  MEDIA_DEVICE_ERROR: {
    /** `camera` or `microphone`. */
    readonly device?: string;
    /** Why it is not available. */
    readonly reason?: string;
  };
  /** Given up by the caller, or ended by a limit. */
  ABORTED: {
    /** The limit of `ConnectOptions.limits` that ended the session. */
    readonly limit?: string;
  };
}
