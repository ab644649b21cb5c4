import { messages } from '../errors.js';

export const MESSAGES = messages({
  VERIFICATION_OFF: (name: string, value: string | undefined) => ({
    message: `${name}=${value} is set, and TLS verification is never switched off here`,
    hint: `Unset it (env -u ${name} km-bootstrap …), and give the authority of a server that is not trusted with --ca-file.`,
  }),
  CONFIG_FILE_INVALID: {
    dotEnv: (file: string, reason: string) => ({
      message: `cannot read ${file}: ${reason}`,
      hint: 'Correct or remove it: it adds variables to the environment.',
    }),
    file: (problem: string) => ({
      message: problem,
      hint: 'Correct the configuration file, or name another one with --config.',
    }),
  },
});
