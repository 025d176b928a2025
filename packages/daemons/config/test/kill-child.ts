// Run by kill.test.ts: lives one story on a real file, and dies by SIGKILL just before its n-th effect.
import { writeSync } from "node:fs";
import {
  configApply,
  configConfirm,
  configFactoryReset,
  configRollback,
} from "@passerelle/contract";
import type { ServiceContext } from "@passerelle/service";
import { ManualClock, settle, testContext } from "@passerelle/service/testing";
import type { ConfigConfig } from "../src/config.ts";
import { createConfigService } from "../src/service.ts";
import { homeSections, lanAuthor } from "./home.ts";

const [stateDirectory = "", death = ""] = process.argv.slice(2);
let effects = 0;

const test = testContext<ConfigConfig>({
  config: undefined as unknown as ConfigConfig,
  client: "config",
  clock: new ManualClock({ now: 1000 }),
  stateDirectory,
});
const context: ServiceContext<ConfigConfig> = {
  ...test,
  drive: (machine, options) =>
    test.drive(machine, {
      ...options,
      run: (effect) => {
        if (effects === Number(death)) process.kill(process.pid, "SIGKILL");
        effects += 1;
        options.run(effect);
      },
    }),
};
await createConfigService(homeSections).start(context);
const web = test.hub.client("web");
await settle();

const author = lanAuthor;
const lan = (patch: Record<string, unknown>) => ({
  changes: [{ section: "lan" as const, patch }],
  author,
});
const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

say({ step: "renamed", reply: await web.request(configApply, lan({ domain: "two" })) });
const moved = await web.request(configApply, lan({ address: "192.168.3.1" }));
say({ step: "moved", reply: moved });
const token = moved.ok ? (moved.data.probation?.token ?? "") : "";
say({ step: "confirmed", reply: await web.request(configConfirm, { token, author }) });
const again = await web.request(configApply, lan({ address: "192.168.4.1" }));
say({ step: "moved-again", reply: again });
say({ step: "undone", reply: await web.request(configRollback, { author }) });
say({ step: "reset", reply: await web.request(configFactoryReset, { author }) });
say({ step: "end", effects });
process.exit(0);
