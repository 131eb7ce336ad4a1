import type { HttpResponse } from '../model/http.ts';
import { isObject } from '../util/json.ts';
import type { Redact } from './redact.ts';

const LONGEST = 200;

/** An error text is read from the first part of a body alone. */
const LONGEST_BODY = 256 * 1024;

/**
 * What a vendor says went wrong, on one line of at most 200 characters, without control characters and secrets.
 * Understood: JSON:API, RFC 9457, GraphQL, AWS (XML and JSON), Google RPC, `{message}` and its relatives, HTML.
 * Anything else is shown as it begins; `an empty body` when there is nothing.
 */
export function readableError(response: HttpResponse, redact: Redact = (text) => text): string {
  const text = response.body.subarray(0, LONGEST_BODY).toString('utf8');
  // Redacted before it is cut: half a secret is not found any more.
  return oneLine(redact(describe(text)));
}

/** The first 200 characters of a body for an error message, on one line and redacted. */
export function bodyStart(body: Buffer, redact: Redact): string {
  return oneLine(redact(body.subarray(0, LONGEST_BODY).toString('utf8')));
}

function describe(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return 'an empty body';
  if (isHtml(trimmed)) return fromHtml(trimmed);
  if (trimmed.startsWith('<')) return fromXml(trimmed) ?? trimmed;
  return fromJson(trimmed) ?? trimmed;
}

function oneLine(text: string): string {
  // Control and formatting characters of Unicode: a terminal would obey them, and a reversed text would mislead.
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1).toWellFormed()}…` : clean;
}

/** True for a page meant for a browser. */
export function isHtml(text: string): boolean {
  return /^\s*(<!doctype html|<html|<head|<body)/i.test(text);
}

function fromHtml(text: string): string {
  // Up to the closing tag, whatever stands before it: a secret that is cut at a bracket is not found any more.
  const title = /<title[^>]*>([^]*?)(<\/title|$)/i.exec(text)?.[1]?.trim();
  return `an HTML page${title === undefined || title === '' ? '' : ` "${title}"`} (a login page or a proxy?)`;
}

/** AWS: `<Error><Code>…</Code><Message>…</Message></Error>`. */
function fromXml(text: string): string | undefined {
  const code = /<Code>([^]*?)<\/Code>/i.exec(text)?.[1];
  const message = /<Message>([^]*?)<\/Message>/i.exec(text)?.[1];
  return join([code, message]);
}

function fromJson(text: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  return fromValue(body);
}

function fromValue(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  if (Array.isArray(body)) return join(body.slice(0, 3).map(fromItem), '; ');
  if (!isObject(body)) return undefined;
  if (Array.isArray(body['errors'])) return join(body['errors'].slice(0, 3).map(fromItem), '; ');
  return fromItem(isObject(body['error']) ? body['error'] : body);
}

/** One error object: JSON:API, GraphQL, Google RPC, RFC 9457, AWS JSON, Jira, OAuth or a plain message. */
function fromItem(item: unknown): string | undefined {
  if (typeof item === 'string') return item;
  if (!isObject(item)) return undefined;
  const extensions = isObject(item['extensions']) ? item['extensions'] : {};
  const codes = [item['status'], item['code'] ?? extensions['code'] ?? item['__type'] ?? item['error_code']];
  const words = [
    item['title'],
    item['detail'] ?? item['message'] ?? item['Message'] ?? item['error_message'],
    item['error'],
    item['error_description'],
    Array.isArray(item['errorMessages']) ? join(item['errorMessages'].slice(0, 3), '; ') : undefined,
  ];
  return words.some((word) => typeof word === 'string') ? join([...codes, ...words]) : undefined;
}

function join(parts: readonly unknown[], between = ' '): string | undefined {
  const texts = parts
    .filter((part) => (typeof part === 'string' && part !== '') || typeof part === 'number')
    .map(String);
  return texts.length === 0 ? undefined : [...new Set(texts)].join(between);
}
