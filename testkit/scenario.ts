// Scripts of what the service does and what clients must do.
export { Scenario, scenario } from './scenario/builder.js';
export { type ScenarioNetwork, type ScenarioNetworkOptions, scenarioNetwork } from './scenario/memory-stage.js';
export { decodeScenario, parseScenario } from './scenario/parse.js';
export type { PlayStatus } from './scenario/play.js';
export { ScenarioError, type ScenarioPlay } from './scenario/run.js';
export type { ScenarioFault, ScenarioMediaEvent, ScenarioStep } from './scenario/step.js';
export type { SimulatorFault } from './service/fault.js';
export type { MediaFault, NetworkConditions } from './service/media-fault.js';
export type { NetworkPreset, NetworkShape } from './service/network.js';
export type { ClientFrame, ImageKind, StyleChange } from './service/state-request.js';
