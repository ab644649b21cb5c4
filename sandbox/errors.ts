import { messages } from '../src/errors.js';

export const MESSAGES = messages({
  SANDBOX_FAILED: {
    moveToFreePorts: (folder: string, httpsPort: number) => ({
      message: `no ports are free for the server of ${folder}, from ${httpsPort} on`,
      hint: 'End what holds them, or choose an offset with --is7-offset or --apim-offset.',
    }),
    database: (problem: string, driverSays: string | null | undefined) => ({
      message: `${problem}: ${driverSays ?? 'the H2 driver did not start'}`,
      hint: 'Remove the folder of the sandbox and let it be made again.',
    }),
    refuseToStart: (folder: string, why: string) => ({
      message: `the server of ${folder} does not start: ${why}`,
      hint: 'Correct what is named, or remove the home and let the sandbox make it again.',
    }),
    otherDatabase: (url: string) => ({
      message: `the stand-in of Identity Server cannot use the identity database ${url}`,
      hint: 'The sandbox serves homes with an H2 file only: keep jdbc:h2:./repository/database/WSO2IDENTITY_DB.',
    }),
    identityState: (file: string) => ({
      message: `${file} is not what the sandbox wrote`,
      hint: 'Remove the file; what this server was told starts afresh.',
    }),
    directoryState: (path: string) => ({
      message: `${path} is not what the sandbox wrote`,
      hint: 'Remove the file; users, roles and scopes of this Identity Server start afresh.',
    }),
    apimState: (path: string) => ({
      message: `${path} is not what the sandbox wrote`,
      hint: 'Remove the file; the Key Managers and applications of this API Manager start afresh.',
    }),
    home: (folder: string, reason: string) => ({
      message: `cannot make the home ${folder}: ${reason}`,
      hint: 'Choose a folder with --dir that can be written and whose disk is not full.',
    }),
    noHome: (folder: string, lacks: string) => ({
      message: `${folder} is there already and is no home: it has no ${lacks}`,
      hint: 'Remove it, or choose another folder with --dir.',
    }),
    release: (title: string, version: string, known: readonly string[], server: string) => ({
      message: `the sandbox has no stand-in of ${title} ${version}`,
      hint: `Choose one of ${known.join(', ')} with --${server}-version.`,
    }),
    listen: (host: string, port: number, fault: string | undefined, reason: string) => ({
      message: `cannot listen on ${host}:${port}: ${fault ?? reason}`,
      hint: 'End the program that holds this port, or give the server another one with --is7-offset or --apim-offset.',
    }),
  },
  DATABASE_IN_USE: (problem: string) => ({
    message: `${problem}: another process holds it`,
    hint: 'End the other server that runs from this home.',
  }),
  FILE_UNREADABLE: (file: string, reason: string) => ({
    message: `cannot read ${file}: ${reason}`,
    hint: 'Remove the folder of the sandbox and let it be made again, or give this user the right to read it.',
  }),
  PORT_CLASH: (httpsPort: number) => ({
    message: `both servers would listen on port ${httpsPort}`,
    hint: 'Give one of them another: --is7-offset 1, or [server] offset = 1 in its deployment.toml, which `km-bootstrap apply --phase offline` sets.',
  }),
  TOML_INVALID: (why: string) => ({
    message: `the server cannot load its deployment.toml and does not start: ${why}`,
    hint: 'Correct the file at the place that is named.',
  }),
});
