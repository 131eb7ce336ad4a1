export { SeededRandom } from '../_kit/seeded-random.ts';
