import type { EntranceCheck } from '../check.ts';
import { demandRefusal, demandSuccess } from '../expectations.ts';

/** By what a browser's request is known. */
const SIGNS: readonly Readonly<Record<string, string>>[] = [
  { origin: 'https://browser.invalid' },
  { origin: 'null' },
  { 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-dest': 'empty' },
  { cookie: 'a=b' },
];

const onHttpPort: EntranceCheck['where'] = ({ port }) => port === 'http';

/** What a browser sends. No key goes with it: the server would log it as leaked. */
export const BROWSER_CHECKS: readonly EntranceCheck[] = [
  {
    section: '5 Backend only',
    title: "a browser's request is ORIGIN_REFUSED",
    where: onHttpPort,
    async run(visit) {
      for (const headers of SIGNS) {
        const [[name, value] = []] = Object.entries(headers);
        const reply = await visit.call('fooBar', visit.good('fooBar'), { headers });
        demandRefusal(`fooBar with ${name}: ${value}`, reply, 'ORIGIN_REFUSED');
      }
    },
  },
  {
    section: '5 Backend only',
    title: 'Sec-Fetch-Mode alone is no sign of a browser',
    where: onHttpPort,
    async run(visit) {
      const headers = { 'sec-fetch-mode': 'cors' };
      demandSuccess('fooBar', await visit.call('fooBar', visit.good('fooBar'), { headers }));
    },
  },
];
