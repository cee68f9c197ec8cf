// Starting the portal itself: a demo of one's own, or the real `serve` on an empty folder.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const binary = process.env.ALLOTMENT_BINARY ?? join(import.meta.dirname, '..', 'target', 'debug', 'allotment');

export interface Server {
  url: string;
  data: string;
  stop(): Promise<void>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => found(port));
    });
  });
}

/** `allotment demo` on new data. */
export async function startDemo(): Promise<Server> {
  const port = await freePort();
  const data = await mkdtemp(join(tmpdir(), 'allotment-journey-'));
  return start(['demo', '--data', data, '--address', `127.0.0.1:${port}`], `http://127.0.0.1:${port}`, data);
}

/** `allotment serve` with a settings file, on the folder it stands in. */
export async function startPortal(config: string, url: string, data: string): Promise<Server> {
  return start(['serve', '--config', config], url, data);
}

async function start(args: string[], url: string, data: string): Promise<Server> {
  const ours = ['DATABASE_URL', 'SMTP_URL', 'ALLOTMENT_'];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.some((start) => name.startsWith(start))));
  const child = spawn(binary, args, { env: { ...env, RUST_LOG: 'warn' }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => { said += text; });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  try {
    await answers(url, child, () => said);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    url,
    data,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      // A cause that a page must not tell is in the log.
      if (said.includes('ERROR')) console.log(said);
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function answers(url: string, child: ChildProcess, said: () => string): Promise<void> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`The server ended at once: ${said()}`);
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer) return;
    await pause(100);
  }
  throw new Error(`The server did not answer within a minute: ${said()}`);
}
