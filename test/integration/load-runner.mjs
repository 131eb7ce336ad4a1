// Loads integrations with a built copy of the package, as the command line does, and prints what came of each.
// argv: the package's folder, then a JSON list of { name, folder }.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [packageDir, places] = process.argv.slice(2);
const at = (path) => pathToFileURL(join(packageDir, 'dist', path)).href;
const { loadIntegration } = await import(at('integration/loader.js'));
const { isSecretField } = await import(at('integration/secret-field.js'));
const door = await import(at('index.js'));

const results = [];
for (const place of JSON.parse(places)) {
  try {
    const manifest = await loadIntegration(place);
    results.push({
      title: manifest.title,
      streams: manifest.streams.map(({ name, slices, cursor }) => ({ name, slices, cursor })),
      parsers: manifest.parsers.map(({ name, inputs }) => ({ name, inputs })),
      checks: manifest.checks.map(({ title }) => title),
      secrets: Object.entries(manifest.config.shape).flatMap(([name, field]) => (isSecretField(field) ? [name] : [])),
      sameSecret: isSame(manifest),
      frozen: Object.isFrozen(manifest) && Object.isFrozen(manifest.streams[0].slices),
    });
  } catch (error) {
    results.push({ code: error.code, message: error.message, why: error.why, fix: error.fix, stack: error.stack });
  }
}
process.stdout.write(JSON.stringify(results));

/** True when the integration's `sassy` is the very copy that loads it. */
function isSame({ config }) {
  const parsed = config.safeParse({ token: 'abc', org: 'acme' });
  return parsed.success && Object.values(parsed.data).some((value) => value instanceof door.Secret);
}
