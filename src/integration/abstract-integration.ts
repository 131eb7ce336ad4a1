import { writeMetadata } from './metadata.ts';
import { ROOT } from './records.ts';

declare const CONFIG: unique symbol;

/**
 * The base of an integration's class: `@Integration({ … }) export class Snyk extends AbstractIntegration<Config>`.
 * Nothing has to be implemented; checks and parsers are methods with a decorator. The class is made once, without
 * arguments, when the integration is loaded.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- it carries a type to the decorators
export abstract class AbstractIntegration<Config> {
  /** Only for the compiler: which config the methods expect. A class may expect less than the schema gives. */
  declare readonly [CONFIG]: (config: Config) => void;
}

/** The config that an integration's class was declared for. */
export type ConfigOf<T> = T extends AbstractIntegration<infer Config> ? Config : never;

writeMetadata(ROOT, AbstractIntegration, true);
