/** How the bodies of a stream are asked for and read. A plain value: `json()` and `xml()` are the ones that are there. */
export interface BodyFormat {
  /** As people call it, for messages: `JSON`. */
  readonly name: string;
  /** The `Accept` header of requests, where the integration and the request say nothing else. */
  readonly accept: string;
  /** True when a body that `parse` takes is one JSON text: it is then kept as text, else as bytes. */
  readonly isJson: boolean;
  /**
   * The body as plain data. Used for what came over the network and, in the same way, for what is read back from the raw
   * store. Throws when the bytes are not whole and not of this format; never gives a part of them.
   */
  parse(bytes: Buffer): unknown;
}
