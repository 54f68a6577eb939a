// Builds the lab's toolchain by itself: progress on standard error, the places of everything as JSON on standard output.
import { ensureToolchain } from './index.ts';

try {
  const toolchain = await ensureToolchain((message) => console.error(message));
  console.log(JSON.stringify(toolchain, null, 2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
