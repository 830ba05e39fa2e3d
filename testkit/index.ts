export * from '../transports/memory/index.js';
export * from './conformance.js';
export * from './console-guard.js';
export * from './golden-transcripts.js';
export * from './ledger.js';
export * from './marbles.js';
export * from './memory-platform.js';
export * from './scenario.js';
