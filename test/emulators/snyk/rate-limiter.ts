export { RateLimiter } from '../_kit/fixed-window.ts';
