// Reads vitest's results: names every test that was skipped, with its reason in its name, and prints the counts.
import { readFileSync } from 'node:fs';

const results = JSON.parse(readFileSync('node_modules/.vitest/results.json', 'utf8'));
const tests = results.testResults.flatMap((file) =>
  file.assertionResults.map((test) => ({ file: file.name, ...test })),
);
const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
for (const test of skipped) console.log(`skipped: ${test.fullName}`);
const passed = tests.filter((test) => test.status === 'passed').length;
// A file that could not be loaded has no tests to count, and is a failure all the same.
const broken = results.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
);
for (const file of broken) console.log(`failed to run: ${file.name}`);
const failed = tests.filter((test) => test.status === 'failed').length + broken.length;
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
