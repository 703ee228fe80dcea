import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished, type TestContext } from 'vitest';
import { needs } from '../../support/needs.ts';
import { nodePackages } from '../node-packages.ts';

/** A page of a browser, as far as these tests use it (puppeteer-core, `Page`). */
export interface BrowserPage {
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  click(selector: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
  goto(address: string): Promise<{ status(): number } | null>;
  evaluate<T>(script: string): Promise<T>;
  setViewport(size: { readonly width: number; readonly height: number }): Promise<void>;
  emulateMediaFeatures(features: readonly { readonly name: string; readonly value: string }[]): Promise<void>;
  setBypassCSP(isBypassed: boolean): Promise<void>;
  waitForNavigation(): Promise<unknown>;
  on(event: 'request', hear: (request: { url(): string }) => void): void;
  screenshot(options: { readonly path: string }): Promise<unknown>;
}

/** Where pictures of pages are kept, if anybody wants to look; by default nowhere. */
const PICTURES = process.env.PAGE_PICTURES;

/** Keeps a picture of what a page shows, where the environment names a folder for them. */
export async function keepPicture(page: BrowserPage, name: string): Promise<void> {
  if (PICTURES !== undefined) {
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }
}

/** What axe-core finds wrong with a page: a rule, and where. */
export interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

export interface TestBrowser {
  newPage(): Promise<BrowserPage>;
  /** All that axe-core finds, of every rule that it has. */
  findViolations(page: BrowserPage): Promise<readonly AxeViolation[]>;
}

/** Starts Chromium, which ends with the test. Skips the test where it is missing. */
export async function openBrowser(context: Pick<TestContext, 'skip'>): Promise<TestBrowser> {
  needs(context, 'Chromium', ['chromium', '--version']);
  const packages = nodePackages(context, 'pages');
  const { default: puppeteer } = await import(pathToFileURL(packages.resolve('puppeteer-core')).href);
  const executablePath = execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
  const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox'], pipe: true });
  onTestFinished(() => browser.close());
  const { source } = packages('axe-core') as { readonly source: string };
  return {
    newPage: () => browser.newPage(),
    async findViolations(page) {
      // Its script would not be let in by the page's own rules.
      await page.evaluate(source);
      const { violations } = await page.evaluate<{ readonly violations: readonly AxeViolation[] }>('axe.run()');
      return violations;
    },
  };
}
