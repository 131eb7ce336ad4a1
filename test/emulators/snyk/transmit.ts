export { type Outgoing, transmit } from '../_kit/transmit.ts';
