// The door for tests of integrations: `sassy/testing`.
export { describeIntegration } from './describe-integration.ts';
export type { DescribeOptions } from './describe-integration.ts';

// What every sink must do: see docs/sinks.md.
export { describeSink } from './describe-sink.ts';

// A server that misbehaves as real APIs do: see docs/faults.md.
export { startFaultServer } from './fault-server.ts';
export type { FaultAnswer } from './fault-answer.ts';
export type { FaultRequest } from './fault-request.ts';
export type { FaultScript, FaultServer, FaultServerOptions } from './fault-server.ts';
