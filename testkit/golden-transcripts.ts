// The numbered transcripts of core/PROTOCOL.md, as data: fixtures for clients and services.
import { protocolPage } from './transcripts/protocol-page.js';
import { readTranscripts, type Transcript } from './transcripts/transcript.js';

export { parseTranscript, type Transcript, type TranscriptLine } from './transcripts/transcript.js';

/** What a correct client does, to the millisecond. */
export const goldenTranscripts: readonly Transcript[] = readTranscripts(protocolPage);
