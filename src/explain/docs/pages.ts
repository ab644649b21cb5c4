import { configurationPage } from './configuration-page.js';
import { errorsPage } from './errors-page.js';
import { manPage } from './man-page.js';

/** Every page that is made from the source, by its path in the repository. */
export function pages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/errors.md', errorsPage()],
    ['docs/configuration.md', configurationPage()],
    ['man/km-bootstrap.1', manPage()],
  ]);
}
