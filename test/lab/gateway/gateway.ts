export async function startGateway(_lab: string, _allInOne: boolean): Promise<void> {
  throw new Error("the gateway's daemons are not there yet: use --gateway none");
}
