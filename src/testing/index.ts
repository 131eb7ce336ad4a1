// The door for tests of integrations: `sassy/testing`.
export { describeIntegration } from './describe-integration.ts';
export type { DescribeOptions } from './describe-integration.ts';
