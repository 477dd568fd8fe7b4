import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { CHROMIUM } from '../../jest.config.mjs';

export interface Shown {
  readonly status: number;
  /** What the page shows of the reply: its body and headers. */
  readonly text: string;
}

/** How long a busy machine may take for anything, in milliseconds. */
const PATIENCE_MS = 150_000;

/** Somebody who clicks through the pages in a real browser, which keeps nothing of others. */
export class Reader {
  /** Addresses that the pages asked for and that are not this machine's. */
  readonly strayed: string[] = [];
  /** What the pages' scripts and the browser complained of. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  static async start(width: number, scheme: 'light' | 'dark' = 'light'): Promise<Reader> {
    const browser = await puppeteer.launch({
      executablePath: CHROMIUM,
      timeout: PATIENCE_MS,
      args: [
        // It shows our own pages alone, and has no sandbox as root and in containers.
        '--no-sandbox',
        '--disable-dev-shm-usage',
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      ],
    });
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const isPhone = width < 500;
    await page.setViewport({
      width,
      height: isPhone ? 844 : 800,
      isMobile: isPhone,
      hasTouch: isPhone,
    });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    const reader = new Reader(browser, page);
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== 'data:' && hostname !== '127.0.0.1') reader.strayed.push(request.url());
    });
    page.on('pageerror', (error) => reader.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') reader.complaints.push(message.text());
    });
    return reader;
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url, { waitUntil: 'networkidle0' });
  }

  async click(selector: string): Promise<void> {
    const found = await this.page.waitForSelector(selector, { visible: true });
    await found?.click();
  }

  /** Opens the call where it is closed, sends what is filled in, and reads what comes. */
  async execute(call: string): Promise<Shown> {
    const at = `#operations-${call}`;
    const isOpen = await this.page.$(`${at}.is-open`);
    if (!isOpen) await this.click(`${at} .opblock-summary-control`);
    if (await this.page.$(`${at} .btn-clear`)) await this.click(`${at} .btn-clear`);
    await this.click(`${at} .execute`);
    const reply = `${at} .live-responses-table .response`;
    await this.page.waitForSelector(`${reply} .response-col_status`);
    return {
      status: parseInt(await this.read(`${reply} .response-col_status`)),
      text: await this.read(`${reply} .response-col_description`),
    };
  }

  /** What stands on the page. */
  async read(selector: string, property = 'innerText'): Promise<string> {
    await this.page.waitForSelector(selector);
    return this.#inPage(`document.querySelector(${JSON.stringify(selector)}).${property}`);
  }

  /** What is filled in as the body of a call that is open. */
  bodyOf(call: string): Promise<string> {
    return this.read(`#operations-${call} textarea`, 'value');
  }

  /** How far the page is wider than the window, in pixels. A phone's `innerWidth` grows with it. */
  overhang(): Promise<number> {
    return this.#inPage(
      `document.documentElement.scrollWidth - ${this.page.viewport()?.width ?? 0}`,
    );
  }

  /** Texts that can hardly be told from what is behind them. Swagger UI's own palest has 2:1. */
  illegible(): Promise<string[]> {
    return this.#inPage(`(() => {
      const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
      const light = (colour) => channels(colour).slice(0, 3)
        .map((each) => (each / 255) ** 2.2)
        .reduce((sum, each, i) => sum + each * [0.21, 0.72, 0.07][i], 0.05);
      const behind = (element) => {
        const { backgroundColor } = getComputedStyle(element);
        const isOpaque = (channels(backgroundColor)[3] ?? 1) > 0.5;
        return isOpaque || !element.parentElement ? backgroundColor : behind(element.parentElement);
      };
      return [...document.querySelectorAll('body *')]
        .filter((each) => each.checkVisibility() && each.tagName !== 'OPTION')
        .filter(({ childNodes }) => [...childNodes].some(
          ({ nodeType, data }) => nodeType === 3 && data.trim()))
        .filter((each) => {
          const [text, ground] = [getComputedStyle(each).color, behind(each)].map(light);
          return Math.max(text, ground) / Math.min(text, ground) < 1.9;
        })
        .map(({ innerText }) => innerText);
    })()`);
  }

  /** What a button hides of the reply to a call. */
  covered(call: string): Promise<string[]> {
    return this.#inPage(`(() => {
      const code = document.querySelector('#operations-${call} .response .highlight-code');
      const buttons = [...code.querySelectorAll('button')]
        .map((each) => each.getBoundingClientRect());
      return [...code.querySelectorAll('code span')]
        .filter((each) => each.innerText.trim() && [...each.getClientRects()].some((text) =>
          buttons.some((button) => text.right > button.left && text.left < button.right &&
            text.bottom > button.top && text.top < button.bottom)))
        .map(({ innerText }) => innerText);
    })()`);
  }

  /** As text: the compiler of the tests does not know what a browser has. */
  #inPage<T>(expression: string): Promise<T> {
    return this.page.evaluate(expression) as Promise<T>;
  }

  /** Takes a picture for the README, where PICTURES names a folder for them. */
  async picture(name: string, at?: string): Promise<void> {
    const folder = process.env['PICTURES'];
    if (folder === undefined) return;
    if (at !== undefined)
      await this.#inPage(`document.querySelector(${JSON.stringify(at)}).scrollIntoView()`);
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  stop(): Promise<void> {
    return this.browser.close();
  }
}
