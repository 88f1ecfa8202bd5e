/**
 * Bytes to a plain object, or the fault. Every bound is checked before the step it protects: size before decoding,
 * UTF-8 before scanning, depth before JSON.parse. No key can reach a prototype, and no string leaves with a NUL or a
 * lone surrogate (Postgres stores neither): both can only come in through a \u escape, so only then is the tree walked.
 */
import { isUtf8 } from 'node:buffer';
import { fault, show, type Fault } from './fault.js';
import type { DecodeSettings } from './settings.js';

export type Payload = Readonly<Record<string, unknown>>;
export type Parsed = { readonly ok: true; readonly payload: Payload } | { readonly ok: false; readonly fault: Fault; readonly text: string | null };

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
const refuse = (found: Fault, text: string | null = null): Parsed => ({ ok: false, fault: found, text });

export function parsePayload(settings: DecodeSettings, value: Uint8Array | null): Parsed {
  if (value === null) return refuse(fault('tombstone', 'Found a message without a value (a tombstone); expected a JSON object. Nothing is deleted for it.'));
  if (value.length > settings.maxBytes) return refuse(fault('too_large', `Found ${value.length} bytes; expected at most ${settings.maxBytes}.`));
  if (!isUtf8(value)) return refuse(fault('invalid_utf8', `Found bytes that are not UTF-8 (the first are ${hex(value)}); expected JSON in UTF-8. Encode the message as UTF-8 when producing it.`));
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  const text = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.toString('utf8', 3) : bytes.toString('utf8');

  const depth = depthBeyond(text, settings.maxDepth);
  if (depth !== null) return refuse(fault('too_deep', `Found arrays and objects nested more than ${settings.maxDepth} deep (at character ${depth}); expected at most ${settings.maxDepth} levels.`));
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? clean(error.message).slice(0, 120) : 'unreadable';
    return refuse(fault('invalid_json', `Found ${show(text)}, which is not JSON (${why}); expected one JSON object.`), text);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return refuse(fault('not_an_object', `Found ${show(parsed)}; expected one JSON object.`));

  const escaped = text.includes('\\u');
  if (escaped || text.includes('__proto__') || text.includes('constructor') || text.includes('prototype')) {
    const walked = walk(parsed);
    if (!walked.ok) return refuse(fault('forbidden_key', `Found the key ${show(walked.key)}; expected no key named __proto__, constructor or prototype at any level.`));
    return { ok: true, payload: walked.value as Payload };
  }
  return { ok: true, payload: parsed as Payload };
}

const hex = (bytes: Uint8Array) => Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Where the nesting first exceeds the limit, or null. One pass; brackets inside strings do not count. */
function depthBeyond(text: string, limit: number): number | null {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = closingQuote(text, at);
      if (at < 0) return null;
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > limit) return at;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return null;
}

/** Index of the quote that ends the string opened at `open`, or -1. */
function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

/** NUL and surrogates without their other half become U+FFFD. */
const clean = (text: string) => text.replace(/\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');

/** A copy of the tree with clean strings, or the first forbidden key. The depth is bounded already. */
function walk(value: unknown): { ok: true; value: unknown } | { ok: false; key: string } {
  if (typeof value === 'string') return { ok: true, value: clean(value) };
  if (typeof value !== 'object' || value === null) return { ok: true, value };
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      const walked = walk(item);
      if (!walked.ok) return walked;
      items.push(walked.value);
    }
    return { ok: true, value: items };
  }
  const fields: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (FORBIDDEN.has(key)) return { ok: false, key };
    const walked = walk(item);
    if (!walked.ok) return walked;
    fields[clean(key)] = walked.value;
  }
  return { ok: true, value: fields };
}
