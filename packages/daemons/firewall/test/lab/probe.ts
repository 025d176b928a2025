/**
 * Small ends of conversations for the lab: serve PORT… | ask tcp|udp HOST PORT | flow HOST PORT PER_SECOND MS |
 * talk tcp|udp HOST PORT. Servers answer with the address they see.
 */
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";

const [command = "", ...args] = process.argv.slice(2);
const ASK_MS = 700;

function serve(ports: readonly number[]): void {
  let open = ports.length * 2;
  const opened = (): void => {
    open -= 1;
    if (open === 0) console.log("ready");
  };
  for (const port of ports) {
    const udp = createSocket("udp6");
    udp.on("message", (_, peer) => udp.send(plain(peer.address), peer.port, peer.address));
    udp.bind(port, "::", opened);
    const tcp = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => socket.write(plain(socket.remoteAddress ?? "")));
    });
    tcp.listen(port, "::", opened);
  }
}

function ask(protocol: string, host: string, port: number): void {
  const finish = (answer: string): void => {
    console.log(answer);
    process.exit(0);
  };
  setTimeout(() => finish("none"), ASK_MS);
  if (protocol === "udp") {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    socket.on("message", (data) => finish(data.toString()));
    socket.on("error", () => finish("refused"));
    socket.connect(port, host, () => socket.send("hello"));
  } else {
    const socket = connect(port, host, () => socket.write("hello"));
    socket.on("data", (data) => finish(data.toString()));
    socket.on("error", () => finish("refused"));
  }
}

/** A UDP flow at a steady rate; prints how many were sent and how many answers came. */
function flow(host: string, port: number, perSecond: number, ms: number): void {
  const socket = createSocket("udp4");
  let sent = 0;
  let received = 0;
  socket.on("message", () => {
    received += 1;
  });
  const start = performance.now();
  socket.connect(port, host, () => {
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) / 1000) * perSecond);
      for (; sent < due; sent += 1) socket.send("x".repeat(64));
      if (performance.now() - start < ms) return;
      clearInterval(timer);
      setTimeout(() => {
        console.log(JSON.stringify({ sent, received }));
        process.exit(0);
      }, 300);
    }, 5);
  });
}

/** Says something every 50 ms for ever and prints a line for each answer, and one at the end of a TCP connection. */
function talk(protocol: string, host: string, port: number): void {
  if (protocol === "udp") {
    const socket = createSocket("udp4");
    socket.on("error", () => {});
    socket.on("message", () => console.log("answer"));
    socket.connect(port, host, () => setInterval(() => socket.send("x"), 50));
  } else {
    const socket = connect(port, host, () => setInterval(() => socket.write("x"), 50));
    socket.on("error", () => {});
    socket.on("data", () => console.log("answer"));
    socket.on("close", () => {
      console.log("end");
      process.exit(0);
    });
  }
}

function plain(address: string): string {
  return address.replace(/^::ffff:/, "");
}

const [first = "", second = "", third = "", fourth = ""] = args;
if (command === "serve") serve(args.map(Number));
else if (command === "ask") ask(first, second, Number(third));
else if (command === "flow") flow(first, Number(second), Number(third), Number(fourth));
else if (command === "talk") talk(first, second, Number(third));
else throw new Error(`probe: no such command: ${command}`);
