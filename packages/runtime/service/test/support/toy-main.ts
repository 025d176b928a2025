import { runService } from "../../src/index.ts";
import { toy } from "./toy.ts";

process.exit(await runService(toy));
