export { startSimulator, type RunningSimulator, type SimulatorOptions } from './start-simulator.js';
