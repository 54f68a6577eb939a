/** A TCP port of the loopback address that nothing listens at. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** Somebody else may take it until it is used. @throws Error of the system when there is none */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
