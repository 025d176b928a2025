export async function runLive(_o: unknown): Promise<number> { return 1; }
