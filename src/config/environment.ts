/** The variables of this process. Nobody else reads them: what a part of the program needs of them is handed to it. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
