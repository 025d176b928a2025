import { draytekModem } from "../../packages/platform/line/test/support/modems.ts";

/** `modem-program.ts ADDRESS PASSWORD`: a modem of DrayTek's on telnet's port. Says each login on a line. */
const [address, password] = process.argv.slice(2);
if (address === undefined || password === undefined) throw new Error("ADDRESS PASSWORD");
const modem = draytekModem({ password });
await modem.listen(23, address);
let logins = 0;
setInterval(() => {
  for (; logins < modem.logins; logins += 1) process.stdout.write("login\n");
}, 100);
process.stdout.write("listening\n");
