import { VideoModels } from '../../core/job-models.js';
import { RealtimeModels } from '../../core/models.js';

/** Models that other clients of the service know, and that there are no constants for. */
const NEWER: ReadonlySet<string> = new Set(['lucy-2.6', 'lucy-vton-3.6']);

/** Whether a session may ask for it. */
export const isRealtimeModel = (name: string): boolean =>
  RealtimeModels.fromName(name) !== undefined || NEWER.has(name);

/** Whether a job may ask for it. */
export const isVideoModel = (name: string): boolean => VideoModels.fromName(name) !== undefined || NEWER.has(name);
