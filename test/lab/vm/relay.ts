/**
 * Carries talks from a socket of this machine's files to the agent in the lab's machine: TCP over a cable that only the
 * machine's own network namespace sees, so nobody but who may open the socket gets in.
 * Arguments: SOCKET ADDRESS PORT.
 */
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";

const [path = "", host = "", port = ""] = process.argv.slice(2);
rmSync(path, { force: true });
createServer((near) => {
  const far = connect({ host, port: Number(port), noDelay: true });
  near.on("error", () => far.destroy());
  far.on("error", () => near.destroy());
  near.on("close", () => far.destroy());
  far.on("close", () => near.destroy());
  near.pipe(far);
  far.pipe(near);
}).listen(path);
