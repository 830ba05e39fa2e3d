export type { ConformanceCase } from './conformance/case.js';
export { mediaConformance } from './conformance/media.js';
export type { MediaHarness, MediaStage, StagedParticipant } from './conformance/media-stage.js';
export { memoryDirectHarness, memoryMediaHarness, memorySignalingHarness } from './conformance/memory-harness.js';
export { signalingConformance } from './conformance/signaling.js';
export type { SignalingHarness, SignalingStage, StagedConnection } from './conformance/signaling-stage.js';
