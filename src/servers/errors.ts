import { messages } from '../errors.js';

export const MESSAGES = messages({
  OVERLAY_HOLDS_DATABASE: (databases: string) => ({
    message: `the overlay holds the database ${databases}, and an overlay is copied over the home at every start: it would undo the server's data each time`,
    hint: 'Remove it from the overlay. Keep the database on a volume of its own under repository/database, or on a database server.',
  }),
  HOME_NOT_FOUND: {
    noHome: (folder: string, title: string, lacks: string, nested: string | undefined, ways: string) => ({
      message: `${folder} is not the home of ${title}: it has no ${lacks}`,
      hint: nested ? `Did you mean ${nested}?` : `Give the unpacked home with ${ways}.`,
    }),
    otherServer: (folder: string, found: string, expected: string) => ({
      message: `${folder} is the home of ${found}, not of ${expected}`,
      hint: 'Exchange the two homes: --is7-home is Identity Server’s, --apim-home API Manager’s.',
    }),
  },
  TOML_INVALID: (path: string, line: number, column: number, problem: string | undefined) => ({
    message: `${path}:${line}:${column}: ${problem}`,
    hint: 'The server cannot load this file either. Correct the line that is named.',
  }),
  FILE_UNREADABLE: {
    file: (path: string, reason: string) => ({
      message: `cannot read ${path}: ${reason}`,
      hint: 'Give the home of the server, and the user that runs km-bootstrap the right to read this file.',
    }),
    home: (folder: string, reason: string, owner: string | undefined) => ({
      message: `cannot look into the home ${folder}: ${reason}`,
      hint:
        owner === undefined
          ? 'Give the user that runs km-bootstrap the right to enter and read the home, and the folders above it.'
          : `It belongs to ${owner}: run km-bootstrap as that user, or give its user the right to enter and read the home.`,
    }),
  },
  PLACEHOLDER_UNRESOLVED: (file: string, path: string, reason: string, instead: string) => ({
    message: `${file}: ${path} cannot be read: ${reason}`,
    hint: instead,
  }),
});
