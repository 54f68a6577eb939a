/** Takes the pictures of the docs from the Temporal UI of the raised lab: `node docs/images/take-pictures.ts [workflow id]`. */
import path from 'node:path';
import { chromium } from 'playwright-core';
import { readLab } from '../../lab/description.ts';

const workflowId = process.argv[2] ?? 'handover/home/edge';
const { temporal } = await readLab();
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 1150 }, deviceScaleFactor: 1 });
  const workflows = `${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows`;
  await page.goto(`${workflows}/${encodeURIComponent(workflowId)}`);
  // The page keeps a stream open, so it never falls idle: wait for what a reader looks for.
  const history = page.getByText('Event History').first();
  await history.waitFor({ timeout: 60_000 });
  await page.waitForTimeout(4000);
  await history.evaluate((heading) => heading.scrollIntoView({ block: 'start' }));
  await page.waitForTimeout(2000);
  await page.screenshot({ path: path.join(import.meta.dirname, 'temporal-ui.png') });
} finally {
  await browser.close();
}
