/** Tokens as an operator makes them, with the real command. */
import { spawnSync } from 'node:child_process';
import { compiledFile } from '#load-config';

export function tidewatchToken(databaseUrl: string, ...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiledFile('apps/cli/main.js'), 'token', ...args], { env: { ...process.env, DATABASE_URL: databaseUrl }, encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

export function createToken(databaseUrl: string, role: 'read' | 'write' | 'ingest', ...more: string[]): string {
  const { status, out, err } = tidewatchToken(databaseUrl, 'create', '--role', role, ...more);
  if (status !== 0) throw new Error(`token create ended with ${status}: ${err}`);
  return out.trim();
}
