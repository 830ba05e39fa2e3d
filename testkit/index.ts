export * from '../transports/memory.js';
export * from './conformance.js';
export * from './jest.js';
export * from './ledger.js';
export * from './marbles.js';
export * from './memory-platform.js';
export * from './scenario.js';
export * from './simulator/index.js';
