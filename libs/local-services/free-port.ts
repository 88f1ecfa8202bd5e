/** The wanted port on loopback when it is free, else any free one. */
import { createServer } from 'node:net';

export function freePort(wanted: number): Promise<number> {
  return listen(wanted).catch(() => listen(0));
}

function listen(port: number): Promise<number> {
  return new Promise((done, refuse) => {
    const server = createServer();
    server.once('error', refuse);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
